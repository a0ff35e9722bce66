using Akka.Configuration;

namespace Petabridge.Cmd.Host;

/// <summary>What operators may have open at once. Of our own host: the keys are not Petabridge's.</summary>
/// <param name="IdleTimeout">Without a command for so long, a connection is closed; zero: never.</param>
internal sealed record PbmLimits(int ConnectionsMax, int PerAddressMax, TimeSpan IdleTimeout)
{
    public static PbmLimits Read(Config config) =>
        new(
            Math.Max(1, config.GetInt("connections-max", 64)),
            Math.Max(1, config.GetInt("connections-per-address-max", 32)),
            config.GetTimeSpan("idle-timeout", TimeSpan.FromHours(1))
        );
}
