namespace Hatchery.Wire.Dhcp;

/// <summary>What the bytes of an option mean, and so how an operator writes it (<see cref="DhcpOptionValue"/>).</summary>
public enum DhcpOptionKind
{
    /// <summary>Anything: <c>hex:0a4d</c>, <c>text:abc</c>, <c>ip:10.0.0.1,10.0.0.2</c>, <c>u8:7</c>, <c>u16:7</c>, <c>u32:7</c>.</summary>
    Any,

    /// <summary>One IPv4 address.</summary>
    Address,

    /// <summary>One or more IPv4 addresses: <c>10.0.0.1,10.0.0.2</c>.</summary>
    Addresses,

    /// <summary>Pairs of IPv4 addresses: <c>10.1.0.0:10.0.0.254,10.2.0.0:10.0.0.253</c>.</summary>
    AddressPairs,

    /// <summary>UTF-8 without a terminator.</summary>
    Text,

    /// <summary>One byte: on or off.</summary>
    Flag,

    /// <summary>0 to 255.</summary>
    Number8,

    /// <summary>0 to 65535, big-endian as all numbers.</summary>
    Number16,

    /// <summary>0 to 4294967295.</summary>
    Number32,

    /// <summary>-2147483648 to 2147483647.</summary>
    Signed32,

    /// <summary>One or more of 0 to 65535: <c>68,296</c>.</summary>
    Numbers16,

    /// <summary>RFC 3397 domain names: <c>farm.test,example.org</c>.</summary>
    Domains,

    /// <summary>RFC 3442 classless routes: <c>10.1.0.0/16:10.0.0.254,0.0.0.0/0:10.0.0.1</c>.</summary>
    Routes,

    /// <summary>Options inside an option: <c>1=ip:10.0.0.1;6=u8:8</c>, each value as of <see cref="Any"/>.</summary>
    SubOptions,

    /// <summary>The same with an end mark behind them, which PXE (2.1 table 2-1) wants in option 43.</summary>
    VendorSubOptions,

    /// <summary>RFC 4578 section 2.3: type 0 and an SMBIOS UUID.</summary>
    MachineId,
}
