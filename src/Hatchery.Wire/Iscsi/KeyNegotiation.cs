using System.Globalization;

namespace Hatchery.Wire.Iscsi;

/// <summary>Answers the operational keys of a login, one pair at a time (RFC 7143 sections 6.2 and 13).</summary>
public sealed class KeyNegotiation(TargetOffer offer)
{
    private const int MaxLength = 16_777_215;
    private bool _declaredSegment;

    public SessionParameters Result { get; private set; } = new();

    /// <summary>A discovery session has no use for the keys of data transfer.</summary>
    public bool IsDiscovery { get; set; }

    /// <summary>The answer to a key, or null where a declaration gets none.</summary>
    public string? Answer(string key, string value) =>
        key switch
        {
            "HeaderDigest" => Digest(value, chosen => Result = Result with { HeaderDigest = chosen }),
            "DataDigest" => Digest(value, chosen => Result = Result with { DataDigest = chosen }),
            "MaxRecvDataSegmentLength" => DeclareSegment(value),
            "DefaultTime2Wait" => Number(value, 0, 3600) is { } wait ? Text(wait) : "Reject",
            "DefaultTime2Retain" => Number(value, 0, 3600) is not null ? "0" : "Reject",
            "ErrorRecoveryLevel" => Number(value, 0, 2) is not null ? "0" : "Reject",
            "TaskReporting" => Offers(value, "RFC3720") ? "RFC3720" : "Reject",
            "iSCSIProtocolLevel" => Number(value, 0, 31) is { } level ? Text(Math.Min(level, 1)) : "Reject",
            "IFMarker" or "OFMarker" => "No",
            "IFMarkInt" or "OFMarkInt" => "Reject",
            "InitiatorName" or "InitiatorAlias" or "TargetName" or "SessionType" => null,
            _ => OfTransfer(key) is { } answer
                ? IsDiscovery
                    ? "Irrelevant"
                    : answer(value)
                : "NotUnderstood",
        };

    /// <summary>What this side declares of its own accord, once a login.</summary>
    public string? Declaration()
    {
        if (_declaredSegment)
            return null;
        _declaredSegment = true;
        return Text(offer.MaxDataSegment);
    }

    private Func<string, string>? OfTransfer(string key) =>
        key switch
        {
            "MaxConnections" => value => Number(value, 1, 65_535) is null ? "Reject" : "1",
            "InitialR2T" => value =>
                Boolean(value, theirs => theirs || offer.InitialR2t, r => Result = Result with { InitialR2t = r }),
            "ImmediateData" => value =>
                Boolean(
                    value,
                    theirs => theirs && offer.ImmediateData,
                    r => Result = Result with { ImmediateData = r }
                ),
            "MaxBurstLength" => value =>
                Smaller(value, 512, MaxLength, offer.MaxBurst, r => Result = Result with { MaxBurst = r }),
            "FirstBurstLength" => value =>
                Smaller(value, 512, MaxLength, offer.FirstBurst, r => Result = Result with { FirstBurst = r }),
            "MaxOutstandingR2T" => value =>
                Smaller(value, 1, 65_535, offer.MaxOutstandingR2t, r => Result = Result with { MaxOutstandingR2t = r }),
            "DataPDUInOrder" or "DataSequenceInOrder" => value => Boolean(value, _ => true, _ => { }),
            _ => null,
        };

    private string? DeclareSegment(string value)
    {
        if (Number(value, 512, MaxLength) is not { } length)
            return "Reject";
        Result = Result with { InitiatorMaxDataSegment = length };
        return null;
    }

    /// <summary>The first of the initiator's digests that both know, for it lists them in its order of preference.</summary>
    private static string Digest(string value, Action<bool> choose)
    {
        foreach (var name in value.Split(','))
        {
            if (name is not ("None" or "CRC32C"))
                continue;
            choose(string.Equals(name, "CRC32C", StringComparison.Ordinal));
            return name;
        }
        return "Reject";
    }

    private static string Boolean(string value, Func<bool, bool> combine, Action<bool> choose)
    {
        if (value is not ("Yes" or "No"))
            return "Reject";
        var result = combine(string.Equals(value, "Yes", StringComparison.Ordinal));
        choose(result);
        return result ? "Yes" : "No";
    }

    private static string Smaller(string value, int least, int most, int ours, Action<int> choose)
    {
        if (Number(value, least, most) is not { } theirs)
            return "Reject";
        choose(Math.Min(theirs, ours));
        return Text(Math.Min(theirs, ours));
    }

    private static bool Offers(string value, string name) => value.Split(',').Contains(name, StringComparer.Ordinal);

    /// <summary>A number in decimal, or in hexadecimal after 0x (RFC 7143 section 6.1).</summary>
    private static int? Number(string value, int least, int most)
    {
        var hexadecimal = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return
            uint.TryParse(value.AsSpan(hexadecimal ? 2 : 0), style, CultureInfo.InvariantCulture, out var number)
            && number >= least
            && number <= most
            ? (int)number
            : null;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
