using System.Net;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.Extensions.Logging;

namespace Hatchery.Streaming;

/// <summary>What the sessions of one server share.</summary>
/// <param name="Keepers">The region that takes <see cref="IDeviceCommand"/>, as it is now.</param>
/// <param name="PortalOf">Where a server of that name serves a protocol; of null: where the device whose boot this server does not take may
/// go. Null for nowhere.</param>
/// <param name="HearsStreamer">Whether another server, which streams this device, has just sent something for the copy here.</param>
/// <param name="WithoutKeeper">What a device goes by whose keeper does not answer.</param>
/// <param name="Offer">Tells a server of that name to take a session; it may never hear of it.</param>
/// <param name="Timeline">Takes the steps of boots; never blocks.</param>
/// <param name="OffAfter">How long after its last connection a device is held to be off.</param>
public sealed record StreamerServices(
    string Server,
    Func<IActorRef> Keepers,
    ISessionDisks Disks,
    Action<TimelineStep> Timeline,
    TimeProvider Time,
    TimeSpan OffAfter,
    ILoggerFactory Logs,
    Func<string?, DeviceId, StreamProtocol, IPEndPoint?> PortalOf,
    Func<DeviceId, bool> HearsStreamer,
    KeeperlessReturn WithoutKeeper,
    Action<string, TakeSession> Offer
);

/// <summary>This server's sessions: one actor for each device that has one, or had one since the server started.</summary>
public sealed class Streamer : ReceiveActor
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(10);

    public Streamer(StreamerServices services)
    {
        Receive<SessionRevoked>(revoked =>
        {
            if (Context.Child(revoked.Device.ToString()) is var session && !session.IsNobody())
                session.Forward(revoked);
        });
        Receive<SessionSuperseded>(superseded =>
        {
            if (Context.Child(superseded.Device.ToString()) is var session && !session.IsNobody())
                session.Forward(superseded);
        });
        Receive<SessionMove>(move =>
        {
            if (Context.Child(move.Device.ToString()) is var session && !session.IsNobody())
                session.Forward(move);
        });
        Receive<SessionCut>(cut =>
        {
            if (Context.Child(cut.Device.ToString()) is var session && !session.IsNobody())
                session.Forward(cut);
            else
                Sender.Tell(false);
        });
        Receive<IDeviceSessionMessage>(message =>
        {
            var name = message.Device.ToString();
            var child = Context.Child(name);
            if (child.IsNobody())
                child = Context.ActorOf(
                    Akka.Actor.Props.Create(() => new DeviceSession(message.Device, services)),
                    name
                );
            child.Forward(message);
        });
        ReceiveAsync<StreamerStop>(async stop =>
        {
            var asker = Sender;
            await Task.WhenAll(Context.GetChildren().Select(session => StopAsync(session, stop)));
            asker.Tell(Akka.Done.Instance);
        });
    }

    public static Props Props(StreamerServices services) => Akka.Actor.Props.Create(() => new Streamer(services));

    /// <summary>A session that failed ends its connections in its PostStop; the next login begins a new one.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    /// <summary>One session that cannot end, say for a disk that does not answer, does not keep the others from it.</summary>
    private static async Task StopAsync(IActorRef session, StreamerStop stop)
    {
        try
        {
            await session.Ask<Akka.Done>(stop, s_stopLimit);
        }
        catch (AskTimeoutException)
        {
            session.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        }
    }
}
