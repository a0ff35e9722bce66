using Hatchery.Wire;
using Hatchery.Wire.Iscsi;
using Hatchery.Wire.Scsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    private uint _statSn;
    private uint _expCmdSn;
    private int _openCommands;

    private bool HasHeaderDigest => _fullFeature && _parameters.HeaderDigest;

    private bool HasDataDigest => _fullFeature && _parameters.DataDigest;

    /// <summary>The window shrinks by every command that is open, so that MaxCmdSN says how many more there may be and never falls.</summary>
    private uint MaxCmdSn =>
        unchecked(_expCmdSn + (uint)Math.Max(0, _surroundings.Window.Commands - _openCommands) - 1);

    /// <summary>The numbers of a PDU that carries a status, which the next one's is one above.</summary>
    private SequenceNumbers NextStatus() => new(unchecked(_statSn++), _expCmdSn, MaxCmdSn);

    /// <summary>The numbers of a PDU that carries none.</summary>
    private SequenceNumbers SameStatus() => new(_statSn, _expCmdSn, MaxCmdSn);

    /// <summary>
    /// Takes a command's number: false where it lies outside the window and is to be ignored (RFC 7143 section 4.2.2.1).
    /// A gap cannot be filled on a session's only connection, so it ends the session.
    /// </summary>
    private bool TakeNumber(bool immediate, uint cmdSn)
    {
        if (immediate)
            return true;
        var ahead = SequenceNumbers.Distance(cmdSn, _expCmdSn);
        if (ahead < 0 || SequenceNumbers.Distance(cmdSn, MaxCmdSn) > 0)
            return false;
        if (ahead > 0)
        {
            Malformed("a command number with a gap before it");
            return false;
        }
        unchecked
        {
            _expCmdSn++;
        }
        return true;
    }

    private void SendStatus(
        in OpenCommand command,
        ScsiStatus status,
        long transferred,
        long wanted,
        SenseData sense = default
    )
    {
        var residual = command.ExpectedLength - wanted;
        if (status == ScsiStatus.CheckCondition)
            residual = command.Reads ? command.ExpectedLength - transferred : 0;
        Span<byte> data = stackalloc byte[2 + SenseData.SizeBytes];
        var length = 0;
        if (status == ScsiStatus.CheckCondition)
        {
            (data[0], data[1]) = (0, (byte)SenseData.SizeBytes);
            sense.Write(data[2..]);
            length = data.Length;
        }
        Close(command);
        Emit(
            new ScsiResponse(
                Overflow: residual < 0,
                Underflow: residual > 0,
                length,
                Response: 0,
                (byte)status,
                command.TaskTag,
                NextStatus(),
                ExpDataSn: 0,
                (uint)Math.Min(Math.Abs(residual), uint.MaxValue)
            ),
            data[..length]
        );
    }

    private void Refuse(in OpenCommand command, SenseData sense) =>
        SendStatus(command, ScsiStatus.CheckCondition, 0, 0, sense);

    private void SendReject(RejectReason reason, ReadOnlySpan<byte> header) =>
        Emit(new Reject(PduHeader.SizeBytes, reason, NextStatus(), 0), header[..PduHeader.SizeBytes]);

    /// <summary>Counts a command as over, which opens the window by one; to be called before its status is numbered.</summary>
    private void Close(in OpenCommand command)
    {
        if (command.IsNumbered)
            _openCommands--;
    }

    private void Emit<T>(in T header, ReadOnlySpan<byte> data = default)
        where T : struct, IFixedWire<T>
    {
        if (State == Transport.EngineState.Aborted)
            return;
        var layout = new PduLayout(0, data.Length, HasHeaderDigest, HasDataDigest);
        var reply = Output.Reserve(layout.TotalLength);
        header.Write(reply.Span);
        data.CopyTo(reply.Span[layout.DataOffset..]);
        Seal(reply.Span, layout);
        Output.Enqueue(reply);
    }

    /// <summary>Writes padding and digests around a header and data that stand already.</summary>
    private static void Seal(Span<byte> pdu, in PduLayout layout)
    {
        pdu[(layout.DataOffset + layout.DataLength)..layout.DataDigestOffset].Clear();
        if (layout.HeaderDigest)
            IscsiDigest.Write(IscsiDigest.Compute(pdu[..layout.HeadersLength]), pdu[layout.HeadersLength..]);
        if (layout is { DataDigest: true, DataLength: > 0 })
            IscsiDigest.Write(
                IscsiDigest.Compute(pdu.Slice(layout.DataOffset, layout.PaddedDataLength)),
                pdu[layout.DataDigestOffset..]
            );
    }
}
