using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>A login on its way to a device's session. Its gate may give it up while the session answers: whoever is first decides.</summary>
internal sealed class SessionLogin(DeviceId device, BootId? boot, LoginRequest request) : IDeviceSessionMessage
{
    private readonly TaskCompletionSource<LoginOutcome> _answer = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public DeviceId Device => device;

    public BootId? Boot => boot;

    public LoginRequest Request => request;

    public Task<LoginOutcome> Answer => _answer.Task;

    /// <returns>False when it has an answer already: a share that was meant for it has to be given back.</returns>
    public bool TryAnswer(LoginOutcome outcome) => _answer.TrySetResult(outcome);
}

/// <summary>A message to the session of one device at this server.</summary>
public interface IDeviceSessionMessage
{
    DeviceId Device { get; }
}
