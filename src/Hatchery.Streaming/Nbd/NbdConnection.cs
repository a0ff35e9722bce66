using System.Net;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Nbd;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming.Nbd;

/// <summary>What a connection has from its listener.</summary>
internal sealed record NbdSurroundings(
    ISessionGate Gate,
    IPEndPoint Remote,
    IPEndPoint Local,
    ILogger Logger,
    TimeProvider Time,
    TimeSpan LoginTimeout
);

/// <summary>The server's side of one NBD connection: fixed newstyle negotiation, then transmission.</summary>
internal sealed partial class NbdConnection(NbdSurroundings surroundings, ConnectionLimits limits)
    : ConnectionEngine(limits)
{
    private enum Phase
    {
        Hello,
        Options,
        Transmission,
    }

    private readonly CancellationTokenSource _closing = new();
    private readonly long _opened = surroundings.Time.GetTimestamp();
    private Phase _phase;
    private bool _noZeroes;
    private ISession? _session;
    private CancellationTokenRegistration _sessionEnded;

    public override bool IsOneAtATime => _phase != Phase.Transmission;

    public override void Start() =>
        Write(new NbdGreeting(NbdHandshakeFlags.FixedNewstyle | NbdHandshakeFlags.NoZeroes));

    public override int Measure(ReadOnlySpan<byte> received)
    {
        switch (_phase)
        {
            case Phase.Hello:
                return received.Length < NbdClientHello.SizeBytes ? 0 : NbdClientHello.SizeBytes;
            case Phase.Options:
                if (received.Length < NbdOptionHeader.SizeBytes)
                    return 0;
                return
                    NbdOptionHeader.TryRead(received, out var option)
                    && option.LengthBytes <= NbdProtocol.MaxOptionBytes
                    ? NbdOptionHeader.SizeBytes + (int)option.LengthBytes
                    : NbdOptionHeader.SizeBytes;
            default:
                if (received.Length < NbdRequest.SizeBytes)
                    return 0;
                return
                    NbdRequest.TryRead(received, out var request)
                    && request is { Command: NbdCommand.Write, LengthBytes: <= NbdProtocol.MaxPayloadBytes }
                    ? NbdRequest.SizeBytes + (int)request.LengthBytes
                    : NbdRequest.SizeBytes;
        }
    }

    public override void Tick()
    {
        if (_phase == Phase.Transmission || surroundings.Time.GetElapsedTime(_opened) < surroundings.LoginTimeout)
            return;
        Log.LoginTimedOut(surroundings.Logger, surroundings.Remote);
        Abort();
    }

    protected override void Serve(Segment request)
    {
        switch (_phase)
        {
            case Phase.Hello:
                ServeHello(request.Span);
                break;
            case Phase.Options:
                ServeOption(request.Span);
                break;
            default:
                ServeRequest(request);
                break;
        }
    }

    protected override void OnAborted() => _closing.Cancel();

    protected override async ValueTask CloseAsync()
    {
        await _sessionEnded.DisposeAsync();
        _closing.Dispose();
        if (_session is not null)
            await _session.DisposeAsync();
    }

    private void ServeHello(ReadOnlySpan<byte> bytes)
    {
        const NbdClientFlags Known = NbdClientFlags.FixedNewstyle | NbdClientFlags.NoZeroes;
        if (!NbdClientHello.TryRead(bytes, out var hello) || (hello.Flags & ~Known) != NbdClientFlags.None)
        {
            Malformed("unknown client flags");
            return;
        }
        _noZeroes = hello.Flags.HasFlag(NbdClientFlags.NoZeroes);
        _phase = Phase.Options;
    }

    private void Malformed(string what)
    {
        Log.MalformedPeer(surroundings.Logger, surroundings.Remote, what);
        Abort();
    }

    private void Write<T>(T element)
        where T : struct, Wire.IFixedWire<T>
    {
        var reply = Output.Reserve(T.SizeBytes);
        element.Write(reply.Span);
        Output.Enqueue(reply);
    }
}
