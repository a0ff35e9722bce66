using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace Petabridge.Cmd.Host;

/// <summary>
/// Accepts connections, one child each. An operator always gets in: when all places are taken, for one address or in all, the
/// connection that has been without a command for longest is closed for the new one.
/// </summary>
internal sealed class PbmListener : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _socket;
    private readonly ImmutableArray<CommandPaletteHandler> _handlers;
    private readonly PbmLimits _limits;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // Without a command the longest first; one that runs a command is not there.
    private readonly LinkedList<IActorRef> _idle = new();
    private readonly Dictionary<IActorRef, IPAddress> _connections = [];
    private int _accepted;

    public PbmListener(TcpListener socket, ImmutableArray<CommandPaletteHandler> handlers, PbmLimits limits)
    {
        (_socket, _handlers, _limits) = (socket, handlers, limits);
        Receive<Accepted>(a =>
        {
            Open(a.Client);
            Accept();
        });
        Receive<PbmActivity>(activity =>
        {
            if (!_connections.ContainsKey(Sender))
                return;
            _idle.Remove(Sender);
            if (activity.IsIdle)
                _idle.AddLast(Sender);
        });
        Receive<Terminated>(gone => Forget(gone.ActorRef));
        Receive<Status.Failure>(failed =>
        {
            _log.Warning("petabridge.cmd did not accept a connection: {0}", failed.Cause.Message);
            Timers.StartSingleTimer(AcceptAgain.Instance, AcceptAgain.Instance, s_pause);
        });
        Receive<AcceptAgain>(_ => Accept());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Accept();

    protected override void PostStop() => _socket.Dispose();

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Open(TcpClient client)
    {
        // Gone before it was accepted.
        if (client.Client.RemoteEndPoint is not IPEndPoint remote)
        {
            client.Dispose();
            return;
        }
        var ofAddress = _connections.Values.Count(a => a.Equals(remote.Address));
        IActorRef? leaving = null;
        if (ofAddress >= _limits.PerAddressMax)
            leaving = _idle.FirstOrDefault(c => _connections[c].Equals(remote.Address));
        else if (_connections.Count >= _limits.ConnectionsMax)
            leaving = _idle.First?.Value;
        if (leaving is not null)
        {
            _log.Info("pbm at {0} has no command under way, and is closed for {1}", _connections[leaving], remote);
            Forget(leaving);
            Context.Stop(leaving);
        }
        else if (ofAddress >= _limits.PerAddressMax || _connections.Count >= _limits.ConnectionsMax)
        {
            _log.Warning(
                "petabridge.cmd: {0} is turned away: {1} connections of {2} are busy, {3} of {4} from that address",
                remote,
                _connections.Count,
                _limits.ConnectionsMax,
                ofAddress,
                _limits.PerAddressMax
            );
            client.Dispose();
            return;
        }
        var (listener, handlers, idleTimeout) = (Self, _handlers, _limits.IdleTimeout);
        var connection = Context.Watch(
            Context.ActorOf(
                Props.Create(() => new PbmConnection(client, handlers, listener, idleTimeout)),
                $"client-{++_accepted}"
            )
        );
        _connections[connection] = remote.Address;
        _idle.AddLast(connection);
    }

    private void Forget(IActorRef connection)
    {
        _connections.Remove(connection);
        _idle.Remove(connection);
    }

    private void Accept() => _ = _socket.AcceptTcpClientAsync().PipeTo(Self, success: client => new Accepted(client));

    private sealed record Accepted(TcpClient Client);

    /// <summary>Without descriptors every attempt fails at once: it is not made again at once.</summary>
    private sealed record AcceptAgain
    {
        public static AcceptAgain Instance { get; } = new();
    }
}

/// <summary>A connection tells its listener whether it has a command under way.</summary>
internal sealed record PbmActivity(bool IsIdle);
