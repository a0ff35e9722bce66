namespace Hatchery.Devices;

/// <summary>What a vDisk decides, without its actor: pure functions of state and command.</summary>
public static class VDiskRules
{
    public static Decision<IVDiskEvent> Decide(VDiskState state, IVDiskCommand command, DateTimeOffset now) =>
        command switch
        {
            AddVDisk c => Add(state, c, now),
            _ when !state.IsKnown => No(Refusal.NotFound, $"no vDisk {command.VDisk}"),
            TakeVersion c => Take(state, c),
            ReleaseVersion c => state.Users.ContainsKey(c.Device)
                ? Of(new VersionReleased(c.Device))
                : Decision<IVDiskEvent>.Nothing,
            RemoveVDisk => state.Users.IsEmpty
                ? Of(new VDiskRemoved(now))
                : No(Refusal.Conflict, $"{state.Name} is in use by {state.Users.Count} device(s)"),
            _ => throw new ArgumentException($"{command.GetType().Name} is not decided here", nameof(command)),
        };

    private static Decision<IVDiskEvent> Add(VDiskState state, AddVDisk c, DateTimeOffset now)
    {
        if (!EntityName.IsValid(c.Name))
            return No(Refusal.Invalid, $"'{c.Name}' is no vDisk name: {EntityName.Rule}");
        if (!state.IsKnown)
            return Of(
                new VDiskCreated(c.Name, now),
                new VersionAdded(1, c.Image, c.SizeBytes, c.Sha256, c.HasKernel, c.KernelArguments, now)
            );
        return state.Name == c.Name && state.Production?.Image == c.Image
            ? Decision<IVDiskEvent>.Nothing
            : No(Refusal.Conflict, $"vDisk {state.Name} is there already");
    }

    private static Decision<IVDiskEvent> Take(VDiskState state, TakeVersion c)
    {
        if (state.Production is not { } version)
            return No(Refusal.NotFound, $"{state.Name} has no version in production");
        return state.Users.TryGetValue(c.Device, out var held) && held == version.Number
            ? Decision<IVDiskEvent>.Nothing
            : Of(new VersionTaken(c.Device, version.Number));
    }

    private static Decision<IVDiskEvent> Of(params IVDiskEvent[] happened) => Decision<IVDiskEvent>.Of(happened);

    private static Decision<IVDiskEvent> No(Refusal refusal, string reason) =>
        Decision<IVDiskEvent>.No(refusal, reason);
}
