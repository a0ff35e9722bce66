namespace Hatchery.Wire.Scsi;

/// <summary>First bytes of command descriptor blocks (SPC-4, SBC-3).</summary>
public enum ScsiOpcode : byte
{
    TestUnitReady = 0x00,
    RequestSense = 0x03,
    Read6 = 0x08,
    Write6 = 0x0a,
    Inquiry = 0x12,
    ModeSense6 = 0x1a,
    StartStopUnit = 0x1b,
    PreventAllowRemoval = 0x1e,
    ReadCapacity10 = 0x25,
    Read10 = 0x28,
    Write10 = 0x2a,
    WriteAndVerify10 = 0x2e,
    Verify10 = 0x2f,
    Prefetch10 = 0x34,
    SynchronizeCache10 = 0x35,
    WriteSame10 = 0x41,
    Unmap = 0x42,
    ModeSense10 = 0x5a,
    Read16 = 0x88,
    CompareAndWrite = 0x89,
    Write16 = 0x8a,
    WriteAndVerify16 = 0x8e,
    Verify16 = 0x8f,
    Prefetch16 = 0x90,
    SynchronizeCache16 = 0x91,
    WriteSame16 = 0x93,
    ServiceActionIn16 = 0x9e,
    ReportLuns = 0xa0,
    MaintenanceIn = 0xa3,
    Read12 = 0xa8,
    Write12 = 0xaa,
    WriteAndVerify12 = 0xae,
    Verify12 = 0xaf,
}

public static class ScsiServiceAction
{
    public const byte ReadCapacity16 = 0x10;
    public const byte GetLbaStatus = 0x12;
    public const byte ReportSupportedOperationCodes = 0x0c;
}

/// <summary>Status of a command (SAM-5).</summary>
public enum ScsiStatus : byte
{
    Good = 0x00,
    CheckCondition = 0x02,
    Busy = 0x08,
    ReservationConflict = 0x18,
    TaskSetFull = 0x28,
    TaskAborted = 0x40,
}

public enum SenseKey : byte
{
    NoSense = 0x0,
    NotReady = 0x2,
    MediumError = 0x3,
    HardwareError = 0x4,
    IllegalRequest = 0x5,
    UnitAttention = 0x6,
    DataProtect = 0x7,
    AbortedCommand = 0xb,
    Miscompare = 0xe,
}
