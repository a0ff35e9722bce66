using Hatchery.Devices;
using Hatchery.Disks;

namespace Hatchery.Streaming;

/// <summary>A login on its way to a device's session. Its gate may give it up while the session answers: whoever is first decides.</summary>
/// <param name="obstacle">Why this server cannot stream the disk, though another may; null: it can.</param>
internal sealed class SessionLogin(DeviceId device, BootId? boot, LoginRequest request, string? obstacle)
    : IDeviceSessionMessage
{
    private readonly TaskCompletionSource<LoginOutcome> _answer = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public DeviceId Device => device;

    public BootId? Boot => boot;

    public LoginRequest Request => request;

    public string? Obstacle => obstacle;

    public Task<LoginOutcome> Answer => _answer.Task;

    /// <returns>False when it has an answer already: a share that was meant for it has to be given back.</returns>
    public bool TryAnswer(LoginOutcome outcome) => _answer.TrySetResult(outcome);
}

/// <summary>A message to the session of one device at this server.</summary>
public interface IDeviceSessionMessage
{
    DeviceId Device { get; }
}
