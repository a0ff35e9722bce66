using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>How a proxy finds its singleton, and what it keeps meanwhile: <c>akka.cluster.singleton-proxy</c>.</summary>
public sealed class ClusterSingletonProxySettings : INoSerializationVerificationNeeded
{
    private const int BufferSizeMax = 10_000;

    /// <param name="singletonName">The singleton's name below its manager.</param>
    /// <param name="role">The role whose members run it; null or empty for every member.</param>
    /// <param name="singletonIdentificationInterval">How often it is looked for until it is found.</param>
    /// <param name="bufferSize">How many messages are kept while there is none, 0 to 10000.</param>
    /// <param name="considerAppVersion">Has no effect: the oldest member runs the singleton, whatever its version.</param>
    public ClusterSingletonProxySettings(
        string singletonName,
        string? role,
        TimeSpan singletonIdentificationInterval,
        int bufferSize,
        bool considerAppVersion
    )
    {
        if (string.IsNullOrWhiteSpace(singletonName))
            throw new ArgumentNullException(nameof(singletonName));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(singletonIdentificationInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bufferSize, BufferSizeMax);
        SingletonName = singletonName;
        Role = string.IsNullOrEmpty(role) ? null : role;
        SingletonIdentificationInterval = singletonIdentificationInterval;
        BufferSize = bufferSize;
        ConsiderAppVersion = considerAppVersion;
    }

    public string SingletonName { get; }

    /// <summary>Null for every member.</summary>
    public string? Role { get; }

    public TimeSpan SingletonIdentificationInterval { get; }

    public int BufferSize { get; }

    public bool ConsiderAppVersion { get; }

    public static ClusterSingletonProxySettings Create(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        var config =
            system.Settings.Config.GetConfig("akka.cluster.singleton-proxy")
            ?? throw new ConfigurationException("akka.cluster.singleton-proxy is missing");
        return Create(config, considerAppVersion: false);
    }

    /// <param name="config">A section laid out as <c>akka.cluster.singleton-proxy</c>.</param>
    public static ClusterSingletonProxySettings Create(Config config, bool considerAppVersion) =>
        new(
            config.GetString("singleton-name", "singleton"),
            config.GetString("role"),
            config.GetTimeSpan("singleton-identification-interval", TimeSpan.FromSeconds(1)),
            config.GetInt("buffer-size", 1000),
            considerAppVersion
        );

    public ClusterSingletonProxySettings WithSingletonName(string singletonName) =>
        new(singletonName, Role, SingletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithRole(string? role) =>
        new(SingletonName, role, SingletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithSingletonIdentificationInterval(
        TimeSpan singletonIdentificationInterval
    ) => new(SingletonName, Role, singletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithBufferSize(int bufferSize) =>
        new(SingletonName, Role, SingletonIdentificationInterval, bufferSize, ConsiderAppVersion);
}
