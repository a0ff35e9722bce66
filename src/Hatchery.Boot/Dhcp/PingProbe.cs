using System.Net;
using System.Net.Sockets;
using Hatchery.Boot.Net;
using Hatchery.Wire.Icmp;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Dhcp;

/// <summary>Pings by ICMP echo (RFC 2131 section 3.1): in use is what answers in time. Where it may not ping, nothing is in use.</summary>
public sealed class PingProbe : IAddressProbe, IAsyncDisposable
{
    /// <summary>More than the listeners of a server ask about in the time for which an answer counts.</summary>
    private const int MostRemembered = 4096;
    private const int LongestPacketBytes = 2048;

    /// <summary>Each address that nobody has stays in the kernel's neighbour table for three seconds. The table holds 1,024 by default, for
    /// everybody: with pings of 300 ms these take two thirds of it.</summary>
    private const int PingsMax = 64;

    /// <summary>A client that repeats its DISCOVER does not wait for a second ping.</summary>
    private static readonly TimeSpan s_counts = TimeSpan.FromSeconds(10);

    private readonly Socket? _socket;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ushort _identifier;
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, Question> _questions = [];
    private readonly SemaphoreSlim _slots = new(PingsMax);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="patience">How long to wait for an answer; zero: nothing is pinged.</param>
    public PingProbe(
        TimeSpan patience,
        IHostNetwork network,
        Random random,
        TimeProvider time,
        ILogger<PingProbe> logger
    )
    {
        _patience = patience;
        _time = time;
        _logger = logger;
        _identifier = (ushort)random.Next(ushort.MaxValue + 1);
        _socket = patience > TimeSpan.Zero ? Open(network) : null;
        _loop = _socket is null ? Task.CompletedTask : Task.Run(() => ReceiveAsync(_socket));
    }

    public async Task<bool> IsInUseAsync(IPAddress address, CancellationToken cancellation)
    {
        if (_socket is null)
            return false;
        if (Find(address.Number()) is { } asked)
            return await IsAnsweredAsync(asked, cancellation);
        await _slots.WaitAsync(cancellation);
        try
        {
            if (Ask(address.Number(), out var isNew) is not { } question)
                return false;
            if (isNew)
                await SendAsync(_socket, address);
            return await IsAnsweredAsync(question, cancellation);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<bool> IsAnsweredAsync(Question question, CancellationToken cancellation)
    {
        try
        {
            // Who joins a question late waits no longer than who asked it.
            var left = question.AskedAt + _patience - _time.GetUtcNow();
            await question.Answered.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket?.Dispose();
        await _loop;
        _stop.Dispose();
        _slots.Dispose();
    }

    private Socket? Open(IHostNetwork network)
    {
        try
        {
            var socket = network.Open(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp);
            socket.HearOnlyEchoReplies();
            socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            return socket;
        }
        catch (SocketException e)
        {
            _logger.PingsOff(e.Message);
            return null;
        }
    }

    private Question? Find(uint address)
    {
        lock (_lock)
            return _questions.TryGetValue(address, out var asked) && _time.GetUtcNow() - asked.AskedAt < s_counts
                ? asked
                : null;
    }

    /// <summary>The question that runs or was answered a short while ago, or a new one; null where too many are remembered.</summary>
    private Question? Ask(uint address, out bool isNew)
    {
        var now = _time.GetUtcNow();
        isNew = false;
        lock (_lock)
        {
            if (_questions.TryGetValue(address, out var asked) && now - asked.AskedAt < s_counts)
                return asked;
            if (_questions.Count >= MostRemembered)
                Forget(now);
            if (_questions.Count >= MostRemembered)
                return null;
            isNew = true;
            return _questions[address] = new(now);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (address, question) in _questions)
        {
            if (now - question.AskedAt >= s_counts)
                _questions.Remove(address);
        }
    }

    private async Task SendAsync(Socket socket, IPAddress address)
    {
        var request = new byte[IcmpEcho.RequestBytes];
        IcmpEcho.WriteRequest(request, _identifier, sequence: 0);
        try
        {
            await socket.SendToAsync(request, SocketFlags.None, new IPEndPoint(address, 0), _stop.Token);
        }
        catch (SocketException e)
        {
            _logger.PingNotSent(address, e.Message);
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        var buffer = new byte[LongestPacketBytes];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, _stop.Token);
                if (
                    IcmpEcho.TryReadReply(buffer.AsSpan(0, received.ReceivedBytes), out var identifier, out _)
                    && identifier == _identifier
                )
                    Answer(((IPEndPoint)received.RemoteEndPoint).Address.Number());
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                _logger.PingsFailed(e.Message);
            }
        }
    }

    private void Answer(uint address)
    {
        lock (_lock)
        {
            if (_questions.TryGetValue(address, out var question))
                question.Answered.TrySetResult();
        }
    }

    private sealed record Question(DateTimeOffset AskedAt)
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
