namespace Hatchery.Wire.Scsi;

/// <summary>Why a command failed, in the fixed format (SPC-4 section 4.5.3): a key, and a code with its qualifier.</summary>
public readonly record struct SenseData(SenseKey Key, ushort Code) : IFixedWire<SenseData>
{
    public static int SizeBytes => 18;

    public static SenseData None => default;

    public static SenseData InvalidOpcode => new(SenseKey.IllegalRequest, 0x2000);

    public static SenseData LbaOutOfRange => new(SenseKey.IllegalRequest, 0x2100);

    public static SenseData InvalidFieldInCdb => new(SenseKey.IllegalRequest, 0x2400);

    public static SenseData LogicalUnitNotSupported => new(SenseKey.IllegalRequest, 0x2500);

    public static SenseData InvalidFieldInParameterList => new(SenseKey.IllegalRequest, 0x2600);

    public static SenseData ParameterListLengthError => new(SenseKey.IllegalRequest, 0x1a00);

    public static SenseData MiscompareDuringVerify => new(SenseKey.Miscompare, 0x1d00);

    public static SenseData WriteProtected => new(SenseKey.DataProtect, 0x2700);

    public static SenseData SpaceAllocationFailed => new(SenseKey.DataProtect, 0x2707);

    public static SenseData UnrecoveredReadError => new(SenseKey.MediumError, 0x1100);

    public static SenseData WriteError => new(SenseKey.MediumError, 0x0c00);

    public static SenseData IncorrectAmountOfData => new(SenseKey.AbortedCommand, 0x0c0d);

    public static SenseData InternalTargetFailure => new(SenseKey.HardwareError, 0x4400);

    /// <summary>Reads current and deferred errors of the fixed format.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SenseData value)
    {
        value = default;
        if (source.Length < 18 || (source[0] & 0x7e) != 0x70)
            return false;
        value = new((SenseKey)(source[2] & 0xf), (ushort)((source[12] << 8) | source[13]));
        return true;
    }

    public void Write(Span<byte> destination)
    {
        destination[..18].Clear();
        destination[0] = 0x70;
        destination[2] = (byte)Key;
        destination[7] = 10;
        destination[12] = (byte)(Code >> 8);
        destination[13] = (byte)Code;
    }

    /// <summary>The same in the descriptor format, 8 bytes, which REQUEST SENSE may ask for.</summary>
    public byte[] ToDescriptorFormat() => [0x72, (byte)Key, (byte)(Code >> 8), (byte)Code, 0, 0, 0, 0];
}
