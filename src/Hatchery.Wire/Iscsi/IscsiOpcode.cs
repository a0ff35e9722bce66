namespace Hatchery.Wire.Iscsi;

/// <summary>The low six bits of a PDU's first byte (RFC 7143 section 11.2.1.2).</summary>
public enum IscsiOpcode : byte
{
    NopOut = 0x00,
    ScsiCommand = 0x01,
    TaskManagementRequest = 0x02,
    LoginRequest = 0x03,
    TextRequest = 0x04,
    DataOut = 0x05,
    LogoutRequest = 0x06,
    SnackRequest = 0x10,
    NopIn = 0x20,
    ScsiResponse = 0x21,
    TaskManagementResponse = 0x22,
    LoginResponse = 0x23,
    TextResponse = 0x24,
    DataIn = 0x25,
    LogoutResponse = 0x26,
    ReadyToTransfer = 0x31,
    AsyncMessage = 0x32,
    Reject = 0x3f,
}

public enum LoginStage : byte
{
    Security = 0,
    Operational = 1,
    FullFeature = 3,
}

/// <summary>Status class and detail of a Login Response (RFC 7143 section 11.13.5).</summary>
public static class LoginStatus
{
    public const ushort Success = 0x0000;
    public const ushort TargetMovedTemporarily = 0x0101;
    public const ushort InitiatorError = 0x0200;
    public const ushort AuthenticationFailed = 0x0201;
    public const ushort NotAuthorized = 0x0202;
    public const ushort NotFound = 0x0203;
    public const ushort UnsupportedVersion = 0x0205;
    public const ushort TooManyConnections = 0x0206;
    public const ushort MissingParameter = 0x0207;
    public const ushort SessionTypeNotSupported = 0x0209;
    public const ushort SessionDoesNotExist = 0x020a;
    public const ushort InvalidDuringLogin = 0x020b;
    public const ushort TargetError = 0x0300;
    public const ushort ServiceUnavailable = 0x0301;
    public const ushort OutOfResources = 0x0302;
}

public enum TaskFunction : byte
{
    AbortTask = 1,
    AbortTaskSet = 2,
    ClearAutoContingentAllegiance = 3,
    ClearTaskSet = 4,
    LogicalUnitReset = 5,
    TargetWarmReset = 6,
    TargetColdReset = 7,
    TaskReassign = 8,
}

public enum TaskOutcome : byte
{
    Complete = 0,
    NoSuchTask = 1,
    NoSuchLun = 2,
    StillAllegiant = 3,
    ReassignNotSupported = 4,
    NotSupported = 5,
    AuthorizationFailed = 6,
    Rejected = 255,
}

public enum LogoutReason : byte
{
    CloseSession = 0,
    CloseConnection = 1,
    RemoveForRecovery = 2,
}

public enum RejectReason : byte
{
    DataDigestError = 2,
    SnackReject = 3,
    ProtocolError = 4,
    CommandNotSupported = 5,
    ImmediateCommandReject = 6,
    TaskInProgress = 7,
    InvalidDataAck = 8,
    InvalidPduField = 9,
    LongOperationReject = 0x0a,
    WaitingForLogout = 0x0c,
}

public enum AsyncEvent : byte
{
    ScsiEvent = 0,
    LogoutRequested = 1,
    ConnectionDropped = 2,
    SessionDropped = 3,
    NegotiationRequested = 4,
    TaskSetTerminated = 5,
}
