namespace Hatchery.Boot.Dhcp;

public enum DhcpMode
{
    /// <summary>Gives addresses and boot programs.</summary>
    Full,

    /// <summary>Gives boot programs only; somebody else's server gives the addresses.</summary>
    Proxy,
}
