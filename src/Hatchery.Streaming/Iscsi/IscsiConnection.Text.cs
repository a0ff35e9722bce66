using Hatchery.Wire.Iscsi;

namespace Hatchery.Streaming.Iscsi;

internal sealed partial class IscsiConnection
{
    private const int MaxTextRequestBytes = 8192;

    private byte[] _textLeft = [];
    private uint _textTag = PduHeader.NoTag;

    /// <summary>SendTargets (RFC 7143 appendix C); an answer longer than the initiator takes goes in pieces that it asks for.</summary>
    private void OnText(in TextRequest pdu, ReadOnlySpan<byte> text)
    {
        if (!TakeNumber(pdu.Immediate, pdu.CmdSn))
            return;
        if (pdu.TransferTag == PduHeader.NoTag)
        {
            if (text.Length > MaxTextRequestBytes || pdu.Continues || !IscsiText.TryRead(text, out var pairs))
            {
                RejectText(pdu);
                return;
            }
            _textLeft = AnswerText(pairs);
        }
        else if (pdu.TransferTag != _textTag)
        {
            RejectText(pdu);
            return;
        }
        var length = Math.Min(_textLeft.Length, _parameters.InitiatorMaxDataSegment);
        var piece = _textLeft.AsSpan(0, length);
        _textLeft = _textLeft[length..];
        var isLast = _textLeft.Length == 0;
        _textTag = isLast ? PduHeader.NoTag : NextTransferTag();
        Emit(new TextResponse(isLast, !isLast, length, pdu.Lun, pdu.TaskTag, _textTag, NextStatus()), piece);
    }

    private void RejectText(in TextRequest pdu)
    {
        Span<byte> header = stackalloc byte[PduHeader.SizeBytes];
        pdu.Write(header);
        SendReject(RejectReason.ProtocolError, header);
    }

    private byte[] AnswerText(List<KeyValuePair<string, string>> pairs)
    {
        var answers = new List<KeyValuePair<string, string>>();
        foreach (var (key, value) in pairs)
        {
            if (!string.Equals(key, "SendTargets", StringComparison.Ordinal))
                answers.Add(new(key, "NotUnderstood"));
            else
                answers.AddRange(Targets(value));
        }
        return IscsiText.ToBytes(answers);
    }

    /// <summary>All in a discovery session; in a normal one only its own target, which no value means too.</summary>
    private IEnumerable<KeyValuePair<string, string>> Targets(string wanted)
    {
        var all = string.Equals(wanted, "All", StringComparison.Ordinal);
        if (all && !_login.IsDiscovery)
            return [new("SendTargets", "Reject")];
        var names = _login.IsDiscovery
            ? _surroundings.Gate.Targets(StreamProtocol.Iscsi, Remote.Address)
            : [_login.TargetName];
        return names
            .Where(name => all || wanted.Length == 0 || string.Equals(name, wanted, StringComparison.Ordinal))
            .SelectMany(name =>
                new KeyValuePair<string, string>[]
                {
                    new("TargetName", name),
                    new("TargetAddress", $"{_surroundings.Local},{LoginPhase.PortalGroup}"),
                }
            );
    }
}
