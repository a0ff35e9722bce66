using System.Net;
using Hatchery.Streaming.Transport;
using Hatchery.Wire.Iscsi;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming.Iscsi;

/// <summary>What a connection has from its listener.</summary>
internal sealed record IscsiSurroundings(
    ISessionGate Gate,
    IscsiSessions Sessions,
    IPEndPoint Remote,
    IPEndPoint Local,
    ILogger Logger,
    TimeProvider Time,
    IscsiTimes Times,
    TargetOffer Offer,
    IscsiWindow Window
);

/// <param name="Login">How long a login may take.</param>
/// <param name="PingInterval">Silence after which the initiator is pinged.</param>
/// <param name="PingTimeout">Silence after a ping that ends the connection of an initiator that is known to ping itself.</param>
/// <param name="Reinstatement">How long a new login waits for the commands of the session that it replaces.</param>
internal sealed record IscsiTimes(TimeSpan Login, TimeSpan PingInterval, TimeSpan PingTimeout, TimeSpan Reinstatement);

/// <param name="Commands">How far MaxCmdSN runs ahead.</param>
/// <param name="CollectingBytes">Buffers of writes whose data is still to come; a write that finds none free waits for its R2T.</param>
internal sealed record IscsiWindow(int Commands, long CollectingBytes);

/// <summary>The target's side of one iSCSI connection, which is a session of its own (RFC 7143).</summary>
internal sealed partial class IscsiConnection : ConnectionEngine
{
    private readonly IscsiSurroundings _surroundings;
    private readonly LoginPhase _login;
    private readonly CancellationTokenSource _closing = new();
    private readonly long _opened;
    private SessionParameters _parameters = new();
    private bool _fullFeature;
    private long _heard;

    public IscsiConnection(IscsiSurroundings surroundings, ConnectionLimits limits)
        : base(limits)
    {
        _surroundings = surroundings;
        _login = new(surroundings.Offer);
        _opened = _heard = surroundings.Time.GetTimestamp();
    }

    public override bool IsOneAtATime => !_fullFeature;

    private ILogger Logger => _surroundings.Logger;

    private IPEndPoint Remote => _surroundings.Remote;

    public override int Measure(ReadOnlySpan<byte> received)
    {
        if (!PduLayout.TryMeasure(received, HasHeaderDigest, HasDataDigest, out var layout))
            return 0;
        return layout.DataLength > _surroundings.Offer.MaxDataSegment ? PduHeader.SizeBytes : layout.TotalLength;
    }

    protected override void Serve(Segment request)
    {
        _heard = _surroundings.Time.GetTimestamp();
        _pinged = false;
        var bytes = request.Span;
        PduLayout.TryMeasure(bytes, HasHeaderDigest, HasDataDigest, out var layout);
        if (layout.TotalLength > bytes.Length)
        {
            Malformed("a data segment that is too long");
            return;
        }
        var digestsMatch =
            (!HasHeaderDigest || IscsiDigest.Matches(bytes[..layout.HeadersLength], bytes[layout.HeadersLength..]))
            && (
                !HasDataDigest
                || layout.DataLength == 0
                || IscsiDigest.Matches(
                    bytes.Slice(layout.DataOffset, layout.PaddedDataLength),
                    bytes[layout.DataDigestOffset..]
                )
            );
        if (!digestsMatch)
        {
            // Error recovery level 0: the session starts again.
            Malformed("a wrong digest");
            return;
        }
        var data = request with { Offset = request.Offset + layout.DataOffset, Length = layout.DataLength };
        if (_fullFeature)
            Dispatch(bytes, data);
        else
            ServeLogin(bytes, data);
    }

    protected override async ValueTask CloseAsync()
    {
        await _sessionEnded.DisposeAsync();
        _closing.Dispose();
        if (_claimed)
            _surroundings.Sessions.Leave(Key, this);
        if (_session is not null)
            await _session.DisposeAsync();
    }

    protected override void OnAborted()
    {
        _closing.Cancel();
        DropCollecting();
    }

    private void Dispatch(ReadOnlySpan<byte> header, Segment data)
    {
        switch (PduHeader.Opcode(header))
        {
            case IscsiOpcode.ScsiCommand when ScsiCommand.TryRead(header, out var command):
                OnCommand(command, data);
                break;
            case IscsiOpcode.DataOut when DataOut.TryRead(header, out var dataOut):
                OnDataOut(dataOut, data.Span);
                break;
            case IscsiOpcode.NopOut when NopOut.TryRead(header, out var nop):
                OnNopOut(nop, data.Span);
                break;
            case IscsiOpcode.TextRequest when TextRequest.TryRead(header, out var text):
                OnText(text, data.Span);
                break;
            case IscsiOpcode.TaskManagementRequest when TaskManagementRequest.TryRead(header, out var management):
                OnTaskManagement(management);
                break;
            case IscsiOpcode.LogoutRequest when LogoutRequest.TryRead(header, out var logout):
                OnLogout(logout);
                break;
            case IscsiOpcode.SnackRequest:
                SendReject(RejectReason.SnackReject, header);
                break;
            case IscsiOpcode.LoginRequest:
                SendReject(RejectReason.ProtocolError, header);
                break;
            default:
                SendReject(RejectReason.CommandNotSupported, header);
                break;
        }
    }

    private void Malformed(string what)
    {
        Log.MalformedPeer(Logger, Remote, what);
        Abort();
    }
}
