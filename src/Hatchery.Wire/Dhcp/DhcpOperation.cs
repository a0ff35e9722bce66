namespace Hatchery.Wire.Dhcp;

/// <summary>The op field (RFC 2131 section 2): who speaks.</summary>
public enum DhcpOperation : byte
{
    Request = 1,
    Reply = 2,
}
