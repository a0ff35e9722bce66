using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Petabridge.Cmd.Host;

/// <summary>The operators' door into an actor system: pbm connects here and downloads the palettes.</summary>
public sealed class PetabridgeCmd : IExtension
{
    private readonly string _host;
    private readonly int _port;
    private readonly bool _logPalettes;
    private readonly PbmLimits _limits;
    private ImmutableArray<CommandPaletteHandler> _handlers = [];
    private IActorRef? _listener;

    internal PetabridgeCmd(ExtendedActorSystem system)
    {
        Sys = system;
        var config = system.Settings.Config.GetConfig("petabridge.cmd") ?? Config.Empty;
        _host = config.GetString("host", "0.0.0.0");
        _port = config.GetInt("port", 9110);
        _logPalettes = config.GetBoolean("log-palettes-on-startup", true);
        _limits = PbmLimits.Read(config);
        RegisterCommandPalette(new ActorCommands());
    }

    public ActorSystem Sys { get; }

    /// <summary>Where the host listens; null before it is bound, or when it could not be.</summary>
    internal IPEndPoint? BoundEndPoint { get; private set; }

    public static PetabridgeCmd Get(ActorSystem system) => system.WithExtension<PetabridgeCmd, PetabridgeCmdProvider>();

    /// <returns>False when a palette of this name is there already.</returns>
    public bool RegisterCommandPalette(CommandPaletteHandler handler)
    {
        if (_handlers.Any(h => h.Palette.ModuleName == handler.Palette.ModuleName))
            return false;
        _handlers = _handlers.Add(handler);
        handler.OnRegister(this);
        return true;
    }

    /// <summary>Binds and serves; a port in use is logged and does not stop the node.</summary>
    public void Start()
    {
        if (_listener is not null)
            return;
        TcpListener socket;
        try
        {
            var address = IPAddress.TryParse(_host, out var parsed) ? parsed : Dns.GetHostAddresses(_host)[0];
            socket = new TcpListener(address, _port);
            socket.Start();
        }
        catch (Exception inUse) when (inUse is SocketException or ArgumentOutOfRangeException)
        {
            Sys.Log.Error(
                "petabridge.cmd cannot bind to [{0}:{1}]: {2}. Change petabridge.cmd.port",
                _host,
                _port,
                inUse.Message
            );
            return;
        }
        BoundEndPoint = (IPEndPoint)socket.LocalEndpoint;
        if (_logPalettes)
            Sys.Log.Debug(
                "petabridge.cmd palettes: {0}",
                string.Join(", ", _handlers.Select(h => h.Palette.ModuleName))
            );
        try
        {
            _listener = ((ExtendedActorSystem)Sys).SystemActorOf(
                Props.Create(() => new PbmListener(socket, _handlers, _limits)),
                "petabridge.cmd"
            );
        }
        catch
        {
            // The system is ending; one that follows it in this process binds the port again.
            socket.Dispose();
            throw;
        }
        Sys.Log.Info("petabridge.cmd host bound to [{0}:{1}]", _host, BoundEndPoint.Port);
    }
}

public sealed class PetabridgeCmdProvider : ExtensionIdProvider<PetabridgeCmd>
{
    public override PetabridgeCmd CreateExtension(ExtendedActorSystem system) => new(system);
}
