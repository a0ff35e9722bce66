using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Carries messages between systems.</summary>
public abstract class RemoteTransport
{
    /// <summary>For the system of <paramref name="provider"/>.</summary>
    protected RemoteTransport(ExtendedActorSystem system, RemoteActorRefProvider provider)
    {
        System = system;
        Provider = provider;
        Log = Logging.GetLogger(system, "remoting");
    }

    /// <summary>The system.</summary>
    public ExtendedActorSystem System { get; }

    /// <summary>Its provider.</summary>
    public RemoteActorRefProvider Provider { get; }

    /// <summary>The log of remoting.</summary>
    public ILoggingAdapter Log { get; protected set; }

    /// <summary>The addresses by which others reach this system.</summary>
    public abstract ISet<Address> Addresses { get; }

    /// <summary>The first of them.</summary>
    public abstract Address DefaultAddress { get; }

    /// <summary>Listens.</summary>
    public abstract void Start();

    /// <summary>Sends what waits, and ends all connections.</summary>
    public abstract Task Shutdown();

    /// <summary>Takes a message for the actor behind <paramref name="recipient"/>; never waits.</summary>
    public abstract void Send(object message, IActorRef? sender, RemoteActorRef recipient);

    /// <summary>The address by which the system at <paramref name="remote"/> knows this one.</summary>
    /// <exception cref="RemoteTransportException">No transport of this system reaches it.</exception>
    public abstract Address LocalAddressForRemote(Address remote);

    /// <summary>Cuts off one start of the system at <paramref name="address"/> for good; without a uid, for the time of a gate.</summary>
    public abstract void Quarantine(Address address, int? uid);
}

/// <summary>Remoting cannot do what it should.</summary>
public class RemoteTransportException : AkkaException
{
    /// <summary>Makes the exception.</summary>
    public RemoteTransportException(string message, Exception? cause = null)
        : base(message, cause) { }
}
