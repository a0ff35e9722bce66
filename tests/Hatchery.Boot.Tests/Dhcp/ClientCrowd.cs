using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Hatchery.Testing;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Boot.Tests.Dhcp;

/// <summary>Any number of DHCP clients behind one socket of a namespace; they send again as real ones do.</summary>
internal sealed class ClientCrowd : IAsyncDisposable
{
    private readonly ConcurrentDictionary<MacAddress, bool> _answered = new();
    private readonly Socket _socket;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<DhcpMessage>> _waiting = new();
    private readonly Task _loop;
    private int _lastTransaction;

    public ClientCrowd(NetNamespace inside, TimeSpan patience)
    {
        _patience = patience;
        _socket = inside.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.EnableBroadcast = true;
        _socket.ReceiveBufferSize = 4 << 20;
        _socket.SetRawSocketOption(1, 25, "eth0\0"u8); // SO_BINDTODEVICE
        _socket.Bind(new IPEndPoint(IPAddress.Any, 68));
        _loop = Task.Run(ReceiveAsync);
    }

    /// <summary>Machines that a server has said anything to.</summary>
    public IReadOnlyCollection<MacAddress> Answered => [.. _answered.Keys];

    /// <summary>The address that a machine was granted, however often it had to ask.</summary>
    public async Task<IPAddress> JoinAsync(MacAddress mac, CancellationToken cancellation)
    {
        while (true)
        {
            var offer = await AskAsync(FarmUnderTest.Discover(mac), int.MaxValue, cancellation);
            var server = offer!.Options.Address(DhcpOptionCode.ServerIdentifier)!;
            var select = FarmUnderTest.Select(mac, offer.YourAddress, server);
            var answer = await AskAsync(select, 3, cancellation);
            if (answer?.Type == DhcpMessageType.Ack)
                return answer.YourAddress;
        }
    }

    /// <summary>The answer to a message that is sent so often; null where there is none.</summary>
    public async Task<DhcpMessage?> AskAsync(
        DhcpMessage message,
        int tries,
        CancellationToken cancellation,
        int port = 67
    )
    {
        var transaction = (uint)Interlocked.Increment(ref _lastTransaction);
        var answer = new TaskCompletionSource<DhcpMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[transaction] = answer;
        for (; tries > 0; tries--)
        {
            await SendAsync(message with { TransactionId = transaction }, port);
            try
            {
                return await answer.Task.WaitAsync(_patience, cancellation);
            }
            catch (TimeoutException)
            {
                // Sent again.
            }
        }
        _waiting.TryRemove(transaction, out _);
        return null;
    }

    public async Task SendAsync(DhcpMessage message, int port = 67)
    {
        var buffer = new ArrayBufferWriter<byte>(300);
        message.Write(buffer);
        await SendAsync(buffer.WrittenMemory, port);
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, int port = 67) =>
        await _socket.SendToAsync(bytes, new IPEndPoint(IPAddress.Broadcast, port));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            try
            {
                var bytes = await _socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token);
                if (!DhcpMessage.TryRead(buffer.AsSpan(0, bytes), out var answer))
                    continue;
                _answered[answer.ClientMac] = true;
                if (_waiting.TryRemove(answer.TransactionId, out var waiting))
                    waiting.SetResult(answer);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
