namespace Hatchery.Wire.Iscsi;

/// <summary>What a login settles, all lengths in bytes; the defaults are those of RFC 7143 section 13 for keys nobody names.</summary>
public sealed record SessionParameters
{
    public bool HeaderDigest { get; init; }

    public bool DataDigest { get; init; }

    public bool InitialR2t { get; init; } = true;

    public bool ImmediateData { get; init; } = true;

    /// <summary>The longest data segment that the initiator takes.</summary>
    public int InitiatorMaxDataSegment { get; init; } = 8192;

    public int MaxBurst { get; init; } = 262_144;

    public int FirstBurst { get; init; } = 65_536;

    public int MaxOutstandingR2t { get; init; } = 1;
}

/// <summary>What this target brings to a negotiation, all lengths in bytes.</summary>
public sealed record TargetOffer
{
    public int MaxDataSegment { get; init; } = 262_144;

    public int MaxBurst { get; init; } = 1_048_576;

    public int FirstBurst { get; init; } = 262_144;

    public int MaxOutstandingR2t { get; init; } = 4;

    /// <summary>True: data that the initiator did not send with its command waits for an R2T.</summary>
    public bool InitialR2t { get; init; } = true;

    public bool ImmediateData { get; init; } = true;
}
