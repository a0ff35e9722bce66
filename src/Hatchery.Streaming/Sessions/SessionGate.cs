using System.Net;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>Checks a login's name and nonce against the farm view, and passes it to the device's session.</summary>
/// <param name="whyNotHere">Why an image cannot be used at this server; null when it lies there whole.</param>
/// <param name="onRefused">Hears which device's login was refused and why, and the step of its timeline that this is; never blocks.</param>
/// <param name="time">The farm's.</param>
public sealed class SessionGate(
    IActorRef streamer,
    IFarmView view,
    BootNonce nonces,
    SessionGateOptions options,
    Action<DeviceId, string, string> onRefused,
    Func<LayerId, string?>? whyNotHere = null,
    TimeProvider? time = null
) : ISessionGate
{
    private readonly ServiceCap _logins = new("logins", options.LoginsMax);
    private readonly ServiceCap _boots = new("boots that wait", options.LoginsMax);
    private readonly SemaphoreSlim _bootTurns = new(options.BootsAtOnce);
    private readonly Lock _gate = new();
    private readonly Dictionary<DeviceId, int> _served = [];
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _refused;

    /// <summary>Devices that are served now.</summary>
    public int Devices
    {
        get
        {
            lock (_gate)
                return _served.Count;
        }
    }

    /// <summary>Logins that wait of machines that come back, devices that are served, and logins that wait of machines that boot.</summary>
    public IReadOnlyList<ServiceUse> Use
    {
        get
        {
            lock (_gate)
                return [_logins.Use, new("devices", _served.Count, options.DevicesMax, 0, _refused, 0), _boots.Use];
        }
    }

    public async ValueTask<LoginOutcome> LoginAsync(LoginRequest request, CancellationToken cancellation)
    {
        if (
            !TargetName.TryParse(request.TargetName, out var name) || view.Current.Device(name.Device) is not { } device
        )
            return new LoginOutcome.Refused(LoginRefusal.NotFound, "no device has this name");
        var outcome = await DecideAsync(name, device, request, cancellation);
        if (outcome is LoginOutcome.Refused refused)
            onRefused(device.Id, StepOf(refused, name, device), $"{refused.Reason} ({request.Remote.Address})");
        return outcome;
    }

    /// <summary>Only the machine itself knows its boot's nonce: it runs, and waits for its disk.</summary>
    private static string StepOf(LoginOutcome.Refused refused, TargetName name, DeviceState device) =>
        refused.Refusal == LoginRefusal.Unavailable && name.Boot is { } boot && boot == device.Boot?.Id
            ? BootSteps.Waits
            : BootSteps.LoginRefused;

    private async Task<LoginOutcome> DecideAsync(
        TargetName name,
        DeviceState device,
        LoginRequest request,
        CancellationToken cancellation
    )
    {
        if (name.Boot is { } boot && !nonces.Verify(device.Id, boot))
            return new LoginOutcome.Refused(
                LoginRefusal.NotAuthorized,
                $"{device.Name}: this farm never issued that boot nonce"
            );
        var obstacle =
            ImageOf(device, name.Boot) is { } image && whyNotHere?.Invoke(image.Layer) is { } why
                ? $"this server does not hold vDisk {image.VDisk}: {why}"
                : null;
        // Machines that lost their server stand still until they are back, so they never wait behind those that only boot.
        var isBoot = IsBoot(device, name.Boot);
        if (isBoot && obstacle is not null)
            return new LoginOutcome.Refused(LoginRefusal.Unavailable, $"{device.Name}: {obstacle}");
        // Nobody's login is given up for another's.
        using var place = (isBoot ? _boots : _logins).TryEnter(request.Remote.Address, out _, mayBeEvicted: false);
        if (place is null)
            return new LoginOutcome.Refused(
                LoginRefusal.Unavailable,
                $"{options.LoginsMax} {(isBoot ? "boots" : "logins")} are waiting already"
            );
        if (!isBoot)
            return await ServeAsync(name, device, request, obstacle, cancellation);
        if (!await HasTurnAsync(cancellation))
            return new LoginOutcome.Refused(
                LoginRefusal.Unavailable,
                $"{device.Name}: {options.BootsAtOnce} boots are under way and others wait before it (hatchery.streaming.boots-at-once)"
            );
        try
        {
            return await ServeAsync(name, device, request, obstacle, cancellation);
        }
        finally
        {
            _bootTurns.Release();
        }
    }

    /// <summary>As the farm view has it, which may be a moment behind: it decides who waits, and nothing else.</summary>
    private static bool IsBoot(DeviceState device, BootId? nonce) =>
        nonce is { } given ? device.Boot?.Id != given : device.Boot is null || device.Phase == DevicePhase.Off;

    private async Task<bool> HasTurnAsync(CancellationToken cancellation)
    {
        try
        {
            return await _bootTurns.WaitAsync(options.LoginTimeout, cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<LoginOutcome> ServeAsync(
        TargetName name,
        DeviceState device,
        LoginRequest request,
        string? obstacle,
        CancellationToken cancellation
    )
    {
        if (!TryServe(device.Id))
            return new LoginOutcome.Refused(
                LoginRefusal.Unavailable,
                $"{device.Name}: {options.DevicesMax} devices are served already (hatchery.streaming.devices-max)"
            );
        LoginOutcome? outcome = null;
        try
        {
            outcome = await AskAsync(new(device.Id, name.Boot, request, obstacle), device.Name, cancellation);
            return outcome is LoginOutcome.Granted granted
                ? new LoginOutcome.Granted(new ServedSession(granted.Session, this))
                : outcome;
        }
        finally
        {
            if (outcome is not LoginOutcome.Granted)
                Release(device.Id);
        }
    }

    /// <summary>What a login would be given: what its boot runs from, or what a new one would.</summary>
    private (LayerId Layer, string VDisk)? ImageOf(DeviceState device, BootId? asked)
    {
        var farm = view.Current;
        if (device.Boot is { } boot && (asked == boot.Id || (asked is null && device.Phase != DevicePhase.Off)))
            return (boot.Image, farm.VDisk(boot.VDisk)?.Name ?? $"{boot.VDisk}");
        return farm.NextBootOf(device, _time.GetUtcNow(), BootNonce.MarkOf(asked)) is { } next
            ? (next.Version.Image, next.VDisk.Name)
            : null;
    }

    private bool TryServe(DeviceId device)
    {
        lock (_gate)
        {
            var connections = _served.GetValueOrDefault(device);
            if (connections == 0 && _served.Count >= options.DevicesMax)
            {
                _refused++;
                return false;
            }
            _served[device] = connections + 1;
            return true;
        }
    }

    private void Release(DeviceId device)
    {
        lock (_gate)
            if (--_served[device] == 0)
                _served.Remove(device);
    }

    private async Task<LoginOutcome> AskAsync(SessionLogin login, string deviceName, CancellationToken cancellation)
    {
        streamer.Tell(login, ActorRefs.NoSender);
        try
        {
            return await login.Answer.WaitAsync(options.LoginTimeout, cancellation);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            login.TryAnswer(
                new LoginOutcome.Refused(
                    LoginRefusal.Unavailable,
                    late is TimeoutException
                        ? $"{deviceName}: no answer within {options.LoginTimeout.TotalSeconds:0} s"
                        : $"{deviceName}: given up by its connection"
                )
            );
            return await login.Answer;
        }
    }

    /// <summary>Every device that has a vDisk, by its fixed name: a name with a nonce is for its own boot script only.</summary>
    public IReadOnlyList<string> Targets(StreamProtocol protocol, IPAddress remote)
    {
        var prefix = protocol == StreamProtocol.Iscsi ? TargetName.IqnPrefix : "";
        var farm = view.Current;
        return [.. farm.Devices.Where(d => farm.AssignmentOf(d) is not null).Select(d => prefix + d.Name)];
    }

    /// <summary>A share of a session that counts as long as it is held.</summary>
    private sealed class ServedSession(ISession session, SessionGate gate) : ISession
    {
        private int _isReleased;

        public DeviceId Device => session.Device;

        public Epoch Epoch => session.Epoch;

        public IDisk Disk => session.Disk;

        public bool GoesOnElsewhere => session.GoesOnElsewhere;

        public CancellationToken Ended => session.Ended;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) != 0)
                return;
            await session.DisposeAsync();
            gate.Release(session.Device);
        }
    }
}

/// <param name="DevicesMax">Devices that are served at once; others are told to try again, or another server.</param>
/// <param name="LoginTimeout">How long a login may wait for its disk.</param>
/// <param name="LoginsMax">Logins of machines that come back that wait at once, and as many of machines that boot; more are told to try again.</param>
/// <param name="BootsAtOnce">Logins of machines that boot, of which so many are answered side by side.</param>
public sealed record SessionGateOptions(
    TimeSpan LoginTimeout,
    int LoginsMax,
    int DevicesMax = 2048,
    int BootsAtOnce = 64
)
{
    public static SessionGateOptions Default { get; } = new(TimeSpan.FromSeconds(10), 256);
}
