namespace Hatchery.Devices;

/// <summary>What the farm's rules say of a machine.</summary>
public abstract record UnknownVerdict
{
    private UnknownVerdict() { }

    /// <summary>The machine is no unknown one; rules do not concern it.</summary>
    public sealed record Known(DeviceState Device) : UnknownVerdict;

    /// <summary>No rule matches.</summary>
    public sealed record NoRule : UnknownVerdict;

    public sealed record Refuse(UnknownRule Rule, string Reason) : UnknownVerdict;

    public sealed record Add(UnknownRule Rule, Collection Collection) : UnknownVerdict;

    public static UnknownVerdict Of(FarmSnapshot farm, UnknownMachine machine)
    {
        if (farm.Device(machine.Mac) is { } device)
            return new Known(device);
        if (farm.Policy.RuleFor(machine) is not { } rule)
            return new NoRule();
        if (rule.Collection is not { } id || farm.Policy.Collection(id) is not { } collection)
            return new Refuse(rule, rule.Reason ?? "its collection is gone");
        var count = farm.DeviceCount(id);
        if (count >= collection.DevicesMax)
            return new Refuse(
                rule,
                $"collection {collection.Name} takes in {collection.DevicesMax} devices and has {count}"
            );
        return new Add(rule, collection);
    }
}
