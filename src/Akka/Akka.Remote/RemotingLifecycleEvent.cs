using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Something that happened to remoting; published on the event stream.</summary>
public abstract class RemotingLifecycleEvent
{
    /// <summary>The level at which it is logged.</summary>
    public abstract LogLevel LogLevel();
}

/// <summary>Something that happened to the association with one system.</summary>
public abstract class AssociationEvent : RemotingLifecycleEvent
{
    /// <summary>The word for it.</summary>
    protected string EventName = "";

    /// <summary>The address of this system.</summary>
    public abstract Address LocalAddress { get; protected set; }

    /// <summary>The address of the other.</summary>
    public abstract Address RemoteAddress { get; protected set; }

    /// <summary>True when the other system connected to this one.</summary>
    public abstract bool IsInbound { get; protected set; }

    /// <inheritdoc/>
    public override string ToString() => $"{EventName} [{LocalAddress}] {(IsInbound ? "<-" : "->")} {RemoteAddress}";
}

/// <summary>A connection stands, and both sides know each other.</summary>
public sealed class AssociatedEvent : AssociationEvent
{
    /// <summary>Makes the event.</summary>
    public AssociatedEvent(Address localAddress, Address remoteAddress, bool inbound)
    {
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
        IsInbound = inbound;
        EventName = "Associated";
    }

    /// <inheritdoc/>
    public override Address LocalAddress { get; protected set; }

    /// <inheritdoc/>
    public override Address RemoteAddress { get; protected set; }

    /// <inheritdoc/>
    public override bool IsInbound { get; protected set; }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>A connection has ended.</summary>
public sealed class DisassociatedEvent : AssociationEvent
{
    /// <summary>Makes the event.</summary>
    public DisassociatedEvent(Address localAddress, Address remoteAddress, bool inbound)
    {
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
        IsInbound = inbound;
        EventName = "Disassociated";
    }

    /// <inheritdoc/>
    public override Address LocalAddress { get; protected set; }

    /// <inheritdoc/>
    public override Address RemoteAddress { get; protected set; }

    /// <inheritdoc/>
    public override bool IsInbound { get; protected set; }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>A connection could not be made, was refused, or broke.</summary>
public sealed class AssociationErrorEvent : AssociationEvent
{
    private readonly LogLevel _level;

    /// <summary>Makes the event.</summary>
    public AssociationErrorEvent(
        Exception cause,
        Address localAddress,
        Address remoteAddress,
        bool inbound,
        LogLevel level
    )
    {
        Cause = cause;
        LocalAddress = localAddress;
        RemoteAddress = remoteAddress;
        IsInbound = inbound;
        EventName = "AssociationError";
        _level = level;
    }

    /// <summary>Why.</summary>
    public Exception Cause { get; }

    /// <inheritdoc/>
    public override Address LocalAddress { get; protected set; }

    /// <inheritdoc/>
    public override Address RemoteAddress { get; protected set; }

    /// <inheritdoc/>
    public override bool IsInbound { get; protected set; }

    /// <inheritdoc/>
    public override LogLevel LogLevel() => _level;

    /// <inheritdoc/>
    public override string ToString() => $"{base.ToString()}: Error [{Cause.Message}]";
}

/// <summary>Remoting listens.</summary>
public sealed class RemotingListenEvent(IList<Address> listenAddresses) : RemotingLifecycleEvent
{
    /// <summary>The addresses by which others reach this system.</summary>
    public IList<Address> ListenAddresses { get; } = listenAddresses;

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;

    /// <inheritdoc/>
    public override string ToString() => $"Remoting now listens on addresses: [{string.Join(", ", ListenAddresses)}]";
}

/// <summary>Remoting has ended.</summary>
public sealed class RemotingShutdownEvent : RemotingLifecycleEvent
{
    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;

    /// <inheritdoc/>
    public override string ToString() => "Remoting shut down";
}

/// <summary>One start of another system is cut off for good: only a restart of it brings it back.</summary>
public sealed class QuarantinedEvent(Address address, int uid) : RemotingLifecycleEvent
{
    /// <summary>Where the other system is or was.</summary>
    public Address Address { get; } = address;

    /// <summary>Which start of it.</summary>
    public int Uid { get; } = uid;

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;

    /// <inheritdoc/>
    public override string ToString() =>
        $"Association to [{Address}] having UID [{Uid}] is irrecoverably failed. UID is now quarantined and all messages to this UID will be delivered to dead letters. Remote ActorSystem must be restarted to recover from this situation.";
}

/// <summary>Another system has quarantined this one.</summary>
public sealed class ThisActorSystemQuarantinedEvent(Address localAddress, Address remoteAddress)
    : RemotingLifecycleEvent
{
    /// <summary>The address of this system.</summary>
    public Address LocalAddress { get; } = localAddress;

    /// <summary>The address of the other.</summary>
    public Address RemoteAddress { get; } = remoteAddress;

    /// <inheritdoc/>
    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;

    /// <inheritdoc/>
    public override string ToString() =>
        $"The remote system {RemoteAddress} has quarantined this system {LocalAddress}.";
}

/// <summary>Publishes what happens to remoting, and logs it from <c>log-remote-lifecycle-events</c> on.</summary>
internal sealed class EventPublisher(ActorSystem system, ILoggingAdapter log, RemoteSettings settings)
{
    private readonly LogLevel? _from = settings.RemoteLifecycleEventsLogLevel.ToLowerInvariant() switch
    {
        "off" or "false" or "no" => null,
        "on" or "true" or "yes" => LogLevel.DebugLevel,
        var level => Logging.LogLevelFor(level),
    };

    public void Notify(RemotingLifecycleEvent message)
    {
        system.EventStream.Publish(message);
        if (_from is { } from && message.LogLevel() >= from)
            log.Log(message.LogLevel(), null, message.ToString()!);
    }
}
