using System.Net;
using Akka.Actor;
using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>Checks a login's name and nonce against the farm view, and passes it to the device's session.</summary>
/// <param name="onRefused">Hears which device's login was refused and why; never blocks.</param>
public sealed class SessionGate(
    IActorRef streamer,
    IFarmView view,
    BootNonce nonces,
    SessionGateOptions options,
    Action<DeviceId, string> onRefused
) : ISessionGate
{
    private int _waiting;

    public async ValueTask<LoginOutcome> LoginAsync(LoginRequest request, CancellationToken cancellation)
    {
        if (
            !TargetName.TryParse(request.TargetName, out var name) || view.Current.Device(name.Device) is not { } device
        )
            return new LoginOutcome.Refused(LoginRefusal.NotFound, "no device has this name");
        var outcome = await DecideAsync(name, device, request, cancellation);
        if (outcome is LoginOutcome.Refused refused)
            onRefused(device.Id, $"{refused.Reason} ({request.Remote.Address})");
        return outcome;
    }

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
        if (Interlocked.Increment(ref _waiting) > options.LoginsMax)
        {
            Interlocked.Decrement(ref _waiting);
            return new LoginOutcome.Refused(
                LoginRefusal.Unavailable,
                $"{options.LoginsMax} logins are waiting already"
            );
        }
        try
        {
            return await AskAsync(new(device.Id, name.Boot, request), device.Name, cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
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
}

/// <param name="LoginTimeout">How long a login may wait for its disk.</param>
/// <param name="LoginsMax">Logins that wait at once; more are told to try again.</param>
public sealed record SessionGateOptions(TimeSpan LoginTimeout, int LoginsMax)
{
    public static SessionGateOptions Default { get; } = new(TimeSpan.FromSeconds(10), 256);
}
