using System.Net;
using Hatchery.Devices;
using Hatchery.Disks;
using Hatchery.Mirroring;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server;

/// <summary>The copies of write caches at this server, and those that its own devices' write caches have at the others.</summary>
internal sealed class FarmMirrors : IAsyncDisposable
{
    private readonly MirroringSettings _settings;
    private readonly MemberCopies _copies;
    private readonly MirrorDialer _dialer;
    private readonly MirrorListener? _listener;

    /// <exception cref="IOException">The port cannot be had.</exception>
    public FarmMirrors(
        ServerSettings settings,
        FarmId farm,
        ILinkSecurity? security,
        Store store,
        ServerDirectory servers,
        ILoggerFactory logs,
        TimeProvider time
    )
    {
        _settings = settings.Mirroring;
        var self = new MirrorHello(MirrorHello.CurrentVersion, MirrorHello.CurrentVersion, farm, settings.ServerName);
        _copies = new(store, _settings.Links, time, logs.CreateLogger<MemberCopies>());
        _dialer = new(self, Find, security, _settings.Links, time);
        Sessions = new(settings.ServerName, _copies, _dialer, _settings.Sessions, time, logs);
        if (_settings.Port > 0)
        {
            _listener = new(
                new(settings.Address, _settings.Port),
                self,
                security,
                _copies,
                _settings.Links,
                time,
                logs.CreateLogger<MirrorListener>()
            );
            _listener.Start();
        }

        DnsEndPoint? Find(string server) =>
            servers.Find(server) is { Status: { MirrorPort: > 0 } status }
                ? new(status.Address, status.MirrorPort)
                : null;
    }

    public Mirrors Sessions { get; }

    /// <summary>Other servers' connections to this one, and copies that are open here.</summary>
    public IReadOnlyList<ServiceUse> Use =>
        [
            new("mirror", _listener?.Connections ?? 0, _settings.Links.ConnectionsMax, 0, 0, 0),
            new("copies", _copies.Count, _settings.Links.CopiesMax, 0, 0, 0),
        ];

    /// <summary>Whether a server that streams the device has just sent something for the copy here.</summary>
    public bool HearsStreamer(DeviceState? device) => device?.Boot is { } boot && Sessions.Hears(boot.Cache);

    public async ValueTask DisposeAsync()
    {
        await Sessions.DisposeAsync();
        await _dialer.DisposeAsync();
        if (_listener is not null)
            await _listener.DisposeAsync();
        await _copies.DisposeAsync();
    }
}
