namespace Hatchery.Wire.Iscsi;

/// <summary>Where the parts of one PDU stand, in bytes: header, additional headers, their digest, data, padding, its digest.</summary>
public readonly record struct PduLayout(int AdditionalLength, int DataLength, bool HeaderDigest, bool DataDigest)
{
    public const int DigestBytes = 4;

    public int HeadersLength => PduHeader.SizeBytes + AdditionalLength;

    public int DataOffset => HeadersLength + (HeaderDigest ? DigestBytes : 0);

    public int PaddedDataLength => Padded(DataLength);

    public int DataDigestOffset => DataOffset + PaddedDataLength;

    public int TotalLength => DataDigestOffset + (DataDigest && DataLength > 0 ? DigestBytes : 0);

    /// <summary>Data segments are padded to words of four bytes (RFC 7143 section 11.1).</summary>
    public static int Padded(int lengthBytes) => (lengthBytes + 3) & ~3;

    /// <summary>Lays out the PDU whose basic header this is; false while the header is not whole.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> source, bool headerDigest, bool dataDigest, out PduLayout layout)
    {
        layout = default;
        if (source.Length < PduHeader.SizeBytes)
            return false;
        layout = new(PduHeader.AdditionalLength(source), PduHeader.DataLength(source), headerDigest, dataDigest);
        return true;
    }
}
