namespace Hatchery.Wire.Nbd;

/// <summary>Magic numbers and limits of the NBD protocol document.</summary>
public static class NbdProtocol
{
    public const ulong GreetingMagic = 0x4e42444d41474943;
    public const ulong OptionMagic = 0x49484156454f5054;
    public const ulong OptionReplyMagic = 0x0003e889045565a9;
    public const uint RequestMagic = 0x25609513;
    public const uint SimpleReplyMagic = 0x67446698;

    public const int MaxExportNameBytes = 4096;

    /// <summary>What an option may carry: the longest name, and room for any list of information requests.</summary>
    public const int MaxOptionBytes = 65_536;

    /// <summary>The largest payload that a client may send without having asked.</summary>
    public const int MaxPayloadBytes = 32 * 1024 * 1024;
}

[Flags]
public enum NbdHandshakeFlags : ushort
{
    None = 0,
    FixedNewstyle = 1,
    NoZeroes = 2,
}

[Flags]
public enum NbdClientFlags : uint
{
    None = 0,
    FixedNewstyle = 1,
    NoZeroes = 2,
}

[Flags]
public enum NbdTransmissionFlags : ushort
{
    None = 0,
    HasFlags = 1,
    ReadOnly = 2,
    SendFlush = 4,
    SendFua = 8,
    Rotational = 16,
    SendTrim = 32,
    SendWriteZeroes = 64,
    SendDontFragment = 128,
    CanMultiConnect = 256,
    SendResize = 512,
    SendCache = 1024,
    SendFastZero = 2048,
}

public enum NbdOption : uint
{
    ExportName = 1,
    Abort = 2,
    List = 3,
    PeekExport = 4,
    StartTls = 5,
    Info = 6,
    Go = 7,
    StructuredReply = 8,
    ListMetaContext = 9,
    SetMetaContext = 10,
}

public enum NbdOptionReplyType : uint
{
    Ack = 1,
    Server = 2,
    Info = 3,
    MetaContext = 4,
    Unsupported = 0x8000_0001,
    Policy = 0x8000_0002,
    Invalid = 0x8000_0003,
    Platform = 0x8000_0004,
    TlsRequired = 0x8000_0005,
    Unknown = 0x8000_0006,
    ShuttingDown = 0x8000_0007,
    BlockSizeRequired = 0x8000_0008,
    TooBig = 0x8000_0009,
}

public enum NbdInfoType : ushort
{
    Export = 0,
    Name = 1,
    Description = 2,
    BlockSize = 3,
}

public enum NbdCommand : ushort
{
    Read = 0,
    Write = 1,
    Disconnect = 2,
    Flush = 3,
    Trim = 4,
    Cache = 5,
    WriteZeroes = 6,
    BlockStatus = 7,
}

[Flags]
public enum NbdCommandFlags : ushort
{
    None = 0,
    ForceUnitAccess = 1,
    NoHole = 2,
    DontFragment = 4,
    RequestOne = 8,
    FastZero = 16,
}

/// <summary>Error numbers as they go over the wire, whatever the host's own are.</summary>
public enum NbdError : uint
{
    None = 0,
    NotPermitted = 1,
    InputOutput = 5,
    NoMemory = 12,
    Invalid = 22,
    NoSpace = 28,
    Overflow = 75,
    NotSupported = 95,
    ShuttingDown = 108,
}
