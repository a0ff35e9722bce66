using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace EndToEnd;

/// <summary>The DHCP relay of a <see cref="CrowdNetwork"/>, and the DHCP clients behind it: what one sends goes to every server.</summary>
internal sealed class CrowdRelay : IAsyncDisposable
{
    private const int ServerPort = 67;

    /// <summary>RFC 2131 section 4.1, without its randomness.</summary>
    private static readonly TimeSpan[] s_patience = [.. new[] { 4, 8, 16, 16 }.Select(s => TimeSpan.FromSeconds(s))];

    private readonly IReadOnlyList<IPEndPoint> _servers;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<DhcpMessage>> _waiting = new();
    private readonly Task _loop;
    private int _lastTransaction;
    private int _sentAgain;

    public CrowdRelay(CrowdNetwork network, IEnumerable<IPAddress> servers)
    {
        _servers = [.. servers.Select(s => new IPEndPoint(s, ServerPort))];
        _socket = network.Open(CrowdNetwork.Router, SocketType.Dgram, ProtocolType.Udp, ServerPort);
        _socket.ReceiveBufferSize = 4 << 20;
        _loop = Task.Run(ReceiveAsync);
    }

    /// <summary>Messages that were sent once more for want of an answer.</summary>
    public int SentAgain => _sentAgain;

    /// <summary>DISCOVER and REQUEST with these options. Returns the ACK.</summary>
    /// <exception cref="TimeoutException">Nobody answered, however often it was sent.</exception>
    public async Task<DhcpMessage> JoinAsync(MacAddress mac, DhcpOptions options, CancellationToken cancellation)
    {
        while (true)
        {
            var offer = await AskAsync(Message(mac, options.With(DhcpMessageType.Discover)), cancellation);
            var request = options
                .With(DhcpMessageType.Request)
                .With(DhcpOptionCode.ServerIdentifier, offer.Options.Address(DhcpOptionCode.ServerIdentifier)!)
                .With(DhcpOptionCode.RequestedAddress, offer.YourAddress);
            var answer = await AskAsync(Message(mac, request), cancellation);
            if (answer.Type == DhcpMessageType.Ack)
                return answer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private static DhcpMessage Message(MacAddress mac, DhcpOptions options) =>
        new()
        {
            Operation = DhcpOperation.Request,
            Hops = 1,
            TransactionId = 0,
            ClientMac = mac,
            RelayAddress = CrowdNetwork.Router,
            Options = options,
        };

    private async Task<DhcpMessage> AskAsync(DhcpMessage message, CancellationToken cancellation)
    {
        var transaction = (uint)Interlocked.Increment(ref _lastTransaction);
        var answer = new TaskCompletionSource<DhcpMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[transaction] = answer;
        var buffer = new ArrayBufferWriter<byte>(400);
        (message with { TransactionId = transaction }).Write(buffer);
        foreach (var patience in s_patience)
        {
            foreach (var server in _servers)
                await _socket.SendToAsync(buffer.WrittenMemory, server, cancellation);
            try
            {
                return await answer.Task.WaitAsync(patience, cancellation);
            }
            catch (TimeoutException)
            {
                Interlocked.Increment(ref _sentAgain);
            }
        }
        _waiting.TryRemove(transaction, out _);
        throw new TimeoutException($"{message.ClientMac}: no server answered its {message.Type}");
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[4096];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var bytes = await _socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                if (
                    DhcpMessage.TryRead(buffer.AsSpan(0, bytes), out var answer)
                    && _waiting.TryRemove(answer.TransactionId, out var waiting)
                )
                    waiting.SetResult(answer);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
