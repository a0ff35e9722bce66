namespace Hatchery.Wire.Dhcp;

/// <summary>Codes of the options that boot services use (RFC 2132 unless told).</summary>
public enum DhcpOptionCode : byte
{
    Pad = 0,
    SubnetMask = 1,
    Router = 3,
    DomainNameServer = 6,
    HostName = 12,
    DomainName = 15,
    RootPath = 17,
    BroadcastAddress = 28,

    /// <summary>Encapsulated; for PXE clients the PXE discovery options.</summary>
    VendorSpecific = 43,
    RequestedAddress = 50,
    LeaseTime = 51,

    /// <summary>Says that the file and sname fields hold options.</summary>
    Overload = 52,
    MessageType = 53,
    ServerIdentifier = 54,
    ParameterRequestList = 55,
    Message = 56,
    MaximumMessageSize = 57,
    RenewalTime = 58,
    RebindingTime = 59,
    VendorClass = 60,
    ClientIdentifier = 61,
    BootServerName = 66,
    BootFileName = 67,

    /// <summary>RFC 3004; iPXE writes plain text there.</summary>
    UserClass = 77,

    /// <summary>RFC 3046; encapsulated.</summary>
    RelayAgentInformation = 82,

    /// <summary>RFC 4578: one or several 16-bit numbers.</summary>
    ClientArchitecture = 93,

    /// <summary>RFC 4578: type, major, minor.</summary>
    ClientNetworkInterface = 94,

    /// <summary>RFC 4578: type 0 and an SMBIOS UUID.</summary>
    ClientMachineIdentifier = 97,

    /// <summary>RFC 5859: addresses of TFTP servers.</summary>
    TftpServerAddresses = 150,

    /// <summary>Encapsulated; only iPXE (and gPXE before it) uses it.</summary>
    Ipxe = 175,
    End = 255,
}
