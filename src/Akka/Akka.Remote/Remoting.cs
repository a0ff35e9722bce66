using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Remote.Associations;
using Akka.Remote.Transport;

namespace Akka.Remote;

/// <summary>Messages between systems over TCP: an association for each address, a listener, and what they share.</summary>
internal sealed class Remoting : RemoteTransport
{
    private const int MostAddresses = 4096;

    private readonly ConcurrentDictionary<Address, Association> _associations = new();
    private readonly RateLimitedLog _unserialisable;
    private readonly RateLimitedLog _tooLarge;
    private readonly TcpListenerThread _listener;
    private readonly Lock _shutdownLock = new();
    private Task? _shutdown;

    public Remoting(ExtendedActorSystem system, RemoteActorRefProvider provider)
        : base(system, provider)
    {
        var names = provider.RemoteSettings.TransportNames;
        if (names is not [var section])
            throw new ConfigurationException(
                $"akka.remote.enabled-transports: {names.Count} transports, where there can be one"
            );
        var config =
            provider.RemoteSettings.Config.GetConfig(section)
            ?? throw ConfigurationException.NullOrEmptyConfig<RemoteSettings>(section);
        Tcp = new TcpSettings(section, config, provider.RemoteSettings.Config.GetConfig("akka.remote")!);
        Tls = Transport.Tls.Create(section, config, system);
        Uid = AddressUidExtension.Uid(system);
        Events = new EventPublisher(system, Log, provider.RemoteSettings);
        PeerTrouble = new RateLimitedLog(Log);
        Inbound = new InboundDispatcher(system, provider, Log);
        _unserialisable = new RateLimitedLog(Log);
        _tooLarge = new RateLimitedLog(Log);
        _listener = new TcpListenerThread(this);
        var port = _listener.Bind();
        DefaultAddress = new Address(
            $"{RemoteSettings.AkkaScheme}.{Tcp.Protocol}",
            system.Name,
            Tcp.PublicHostname,
            Tcp.PublicPort != 0 ? Tcp.PublicPort : port
        );
        Addresses = new HashSet<Address> { DefaultAddress };
        Information = new Akka.Serialization.Information(DefaultAddress, system);
    }

    public override ISet<Address> Addresses { get; }

    public override Address DefaultAddress { get; }

    public Akka.Serialization.Information Information { get; }

    public TcpSettings Tcp { get; }

    public Tls? Tls { get; }

    public int Uid { get; }

    public EventPublisher Events { get; }

    public RateLimitedLog PeerTrouble { get; }

    public InboundDispatcher Inbound { get; }

    public override void Start()
    {
        _listener.Start();
        Log.Info("Remoting started; listening on addresses : [{0}]", DefaultAddress);
        Events.Notify(new RemotingListenEvent([DefaultAddress]));
    }

    public override void Send(object message, IActorRef? sender, RemoteActorRef recipient)
    {
        var association = recipient.Association ??= AssociationWith(recipient.Path.Address);
        if (message is not ISystemMessage)
            association.Send(message, sender, recipient);
        else if (TrySerialize(message, recipient, out var serialized))
            association.SendSystem(serialized, recipient, message is Watch);
    }

    public override Address LocalAddressForRemote(Address remote) =>
        remote.Protocol == DefaultAddress.Protocol && remote.HasGlobalScope
            ? DefaultAddress
            : throw new RemoteTransportException(
                $"No transport is loaded for protocol: [{remote.Protocol}], available protocols: [{DefaultAddress.Protocol}]"
            );

    public override void Quarantine(Address address, int? uid)
    {
        if (uid is { } known)
            AssociationWith(address).Quarantine(known);
        else
            AssociationWith(address).GateForNow();
    }

    public override Task Shutdown()
    {
        lock (_shutdownLock)
            return _shutdown ??= EndInTime();
    }

    /// <summary>Lets the port go when the start failed.</summary>
    public void Abort() => _listener.Dispose();

    /// <summary>The association with an address from which somebody calls; null when so many have called that it is no farm any more.</summary>
    public Association? AssociationWithCaller(Address address) =>
        _associations.TryGetValue(address, out var known) ? known
        : _associations.Count < MostAddresses ? AssociationWith(address)
        : null;

    /// <summary>The message as bytes; false, and a line in the log, when it cannot be written.</summary>
    public bool TrySerialize(object message, RemoteActorRef recipient, out SerializedMessage serialized)
    {
        try
        {
            serialized = Akka.Serialization.Serialization.WithTransport(
                Information,
                (System.Serialization, message),
                static state =>
                {
                    var serializer = state.Serialization.FindSerializerFor(state.message);
                    return new SerializedMessage(
                        serializer.Identifier,
                        Akka.Serialization.Serialization.ManifestFor(serializer, state.message),
                        serializer.ToBinary(state.message)
                    );
                }
            );
            return true;
        }
        catch (Exception cause)
        {
            serialized = default;
            _unserialisable.Write(
                LogLevel.ErrorLevel,
                $"message {WrappedMessage.Unwrap(message).GetType()} for {recipient.Path} dropped: it cannot be serialised: {cause.Message}"
            );
            return false;
        }
    }

    public void TooLarge(OutboundMessage message, int bytes, int most) =>
        _tooLarge.Write(
            LogLevel.ErrorLevel,
            $"message {WrappedMessage.Unwrap(message.Message).GetType()} for {message.Recipient.Path} dropped: it has {bytes} bytes, and maximum-frame-size, here or there, is {most}"
        );

    private Association AssociationWith(Address address) =>
        _associations.GetOrAdd(address, static (remote, self) => new Association(self, remote), this);

    private async Task EndInTime()
    {
        var end = Task.Factory.StartNew(
            End,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        try
        {
            await end.WaitAsync(Provider.RemoteSettings.ShutdownTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Log.Warning("Shutdown of remoting takes longer than akka.remote.shutdown-timeout: it is not waited for");
        }
    }

    private void End()
    {
        _listener.Dispose();
        // All at once: one that cannot be reached is not to cost the others their time.
        Parallel.ForEach(
            _associations.Values,
            new ParallelOptions { MaxDegreeOfParallelism = 64 },
            association => association.Shutdown(Provider.RemoteSettings.FlushWait)
        );
        Events.Notify(new RemotingShutdownEvent());
    }
}
