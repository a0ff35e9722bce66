using System.Collections.Immutable;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace Petabridge.Cmd.Host;

/// <summary>Accepts connections, one child each, as many as <see cref="ConnectionsMax"/>.</summary>
internal sealed class PbmListener : ReceiveActor, IWithTimers
{
    private const int ConnectionsMax = 64;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener _socket;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private int _accepted;

    public PbmListener(TcpListener socket, ImmutableArray<CommandPaletteHandler> handlers)
    {
        _socket = socket;
        Receive<Accepted>(a =>
        {
            if (Context.GetChildren().Count() >= ConnectionsMax)
            {
                _log.Warning(
                    "petabridge.cmd has {0} connections already: {1} is turned away",
                    ConnectionsMax,
                    a.Client.Client.RemoteEndPoint
                );
                a.Client.Dispose();
            }
            else
            {
                Context.ActorOf(Props.Create(() => new PbmConnection(a.Client, handlers)), $"client-{++_accepted}");
            }
            Accept();
        });
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

    private void Accept() => _ = _socket.AcceptTcpClientAsync().PipeTo(Self, success: client => new Accepted(client));

    private sealed record Accepted(TcpClient Client);

    /// <summary>Without descriptors every attempt fails at once: it is not made again at once.</summary>
    private sealed record AcceptAgain
    {
        public static AcceptAgain Instance { get; } = new();
    }
}
