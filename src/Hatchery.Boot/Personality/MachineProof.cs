using Hatchery.Devices;

namespace Hatchery.Boot;

/// <summary>
/// Tells by the name of its disk which machine asks: the name carries the nonce of its boot script, which only this farm makes. Who
/// overhears or fetches a script has it too, so it proves a boot and not a machine.
/// </summary>
internal static class MachineProof
{
    /// <param name="why">Why not, as a sentence; null when the device is known.</param>
    public static DeviceState? Find(FarmSnapshot farm, BootNonce nonces, string? target, out string? why)
    {
        why = "this is no name of a disk with a boot nonce in it";
        if (!TargetName.TryParse(target, out var name) || name.Boot is not { } boot)
            return null;
        why = "this farm gave no such boot script";
        if (farm.Device(name.Device) is not { } device || !nonces.Verify(device.Id, boot))
            return null;
        why =
            device.Boot is { } current && BootNonce.OrdinalOf(boot) < BootNonce.OrdinalOf(current.Id)
                ? $"{device.Name} has booted again since this script was made"
                : null;
        return why is null ? device : null;
    }
}
