using Akka.Actor;
using Akka.Configuration;

namespace Akka.Remote;

/// <summary>What remoting reads of <c>akka.remote</c>.</summary>
public sealed class RemoteSettings
{
    /// <summary>The protocol of addresses, before that of the transport: <c>akka.tcp</c>.</summary>
    public static readonly string AkkaScheme = "akka";

    /// <summary>Reads <paramref name="config"/>, which holds the defaults.</summary>
    public RemoteSettings(Config config)
    {
        Config = config;
        var remote =
            config.GetConfig("akka.remote")
            ?? throw ConfigurationException.NullOrEmptyConfig<RemoteSettings>("akka.remote");
        LogReceive = remote.GetBoolean("log-received-messages");
        LogSend = remote.GetBoolean("log-sent-messages");
        UntrustedMode = remote.GetBoolean("untrusted-mode");
        TrustedSelectionPaths = new HashSet<string>(
            remote.GetStringList("trusted-selection-paths"),
            StringComparer.Ordinal
        );
        RemoteLifecycleEventsLogLevel = remote.GetString("log-remote-lifecycle-events", "on");
        Dispatcher = remote.GetString("use-dispatcher", "");
        LogBufferSizeExceeding = AtLeastOne(remote, "log-buffer-size-exceeding");
        SysMsgBufferSize = AtLeastOne(remote, "system-message-buffer-size");
        ShutdownTimeout = remote.GetTimeSpan("shutdown-timeout");
        FlushWait = remote.GetTimeSpan("flush-wait-on-shutdown");
        RetryGateClosedFor = remote.GetTimeSpan("retry-gate-closed-for");
        InitialSysMsgDeliveryTimeout = remote.GetTimeSpan("initial-system-message-delivery-timeout");
        QuarantineSilentSystemTimeout = remote.GetTimeSpan("quarantine-after-silence");
        QuarantineDuration = remote.GetTimeSpan("prune-quarantine-marker-after");
        TransportNames = remote.GetStringList("enabled-transports");
        WatchFailureDetectorConfig =
            remote.GetConfig("watch-failure-detector")
            ?? throw ConfigurationException.NullOrEmptyConfig<RemoteSettings>("akka.remote.watch-failure-detector");
        WatchFailureDetectorImplementationClass = WatchFailureDetectorConfig.GetString("implementation-class", "");
        WatchHeartBeatInterval = WatchFailureDetectorConfig.GetTimeSpan("heartbeat-interval");
        WatchUnreachableReaperInterval = WatchFailureDetectorConfig.GetTimeSpan("unreachable-nodes-reaper-interval");
        WatchHeartbeatExpectedResponseAfter = WatchFailureDetectorConfig.GetTimeSpan("expected-response-after");
    }

    /// <summary>All of the configuration.</summary>
    public Config Config { get; }

    /// <summary>Whether received messages are logged at DEBUG.</summary>
    public bool LogReceive { get; }

    /// <summary>Whether sent messages are logged at DEBUG.</summary>
    public bool LogSend { get; }

    /// <summary>Whether others may send only what can do no harm.</summary>
    public bool UntrustedMode { get; }

    /// <summary>The paths that selections of others reach in spite of it.</summary>
    public HashSet<string> TrustedSelectionPaths { get; }

    /// <summary>From which level on lifecycle events are logged: off, on, or a level.</summary>
    public string RemoteLifecycleEventsLogLevel { get; }

    /// <summary>The dispatcher of remoting's own actors.</summary>
    public string Dispatcher { get; }

    /// <summary>How many messages may wait for one system.</summary>
    public int LogBufferSizeExceeding { get; }

    /// <summary>How many system messages may wait for their acknowledgement.</summary>
    public int SysMsgBufferSize { get; }

    /// <summary>How long the end of remoting may take.</summary>
    public TimeSpan ShutdownTimeout { get; }

    /// <summary>How long a shutdown waits for messages that were sent before it.</summary>
    public TimeSpan FlushWait { get; }

    /// <summary>How long nothing is tried after a connection failed.</summary>
    public TimeSpan RetryGateClosedFor { get; }

    /// <summary>How long system messages may wait for a system that was never reached.</summary>
    public TimeSpan InitialSysMsgDeliveryTimeout { get; }

    /// <summary>How long system messages may wait for a system that was reached before.</summary>
    public TimeSpan QuarantineSilentSystemTimeout { get; }

    /// <summary>How long quarantined uids are remembered.</summary>
    public TimeSpan? QuarantineDuration { get; }

    /// <summary>The sections of the transports.</summary>
    public IList<string> TransportNames { get; }

    /// <summary>The section <c>watch-failure-detector</c>.</summary>
    public Config WatchFailureDetectorConfig { get; }

    /// <summary>The type of the detector.</summary>
    public string WatchFailureDetectorImplementationClass { get; }

    /// <summary>How often watched systems are asked for a sign of life.</summary>
    public TimeSpan WatchHeartBeatInterval { get; }

    /// <summary>How often it is judged which are unreachable.</summary>
    public TimeSpan WatchUnreachableReaperInterval { get; }

    /// <summary>After what time a first answer counts as missing.</summary>
    public TimeSpan WatchHeartbeatExpectedResponseAfter { get; }

    /// <summary>The props on remoting's dispatcher.</summary>
    public Props ConfigureDispatcher(Props props) =>
        string.IsNullOrEmpty(Dispatcher) ? props : props.WithDispatcher(Dispatcher);

    private static int AtLeastOne(Config remote, string key)
    {
        var number = remote.GetInt(key);
        return number > 0 ? number : throw new ConfigurationException($"akka.remote.{key}: {number} is not above 0");
    }
}
