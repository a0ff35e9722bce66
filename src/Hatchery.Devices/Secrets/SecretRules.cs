using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Hatchery.Disks;

namespace Hatchery.Devices;

/// <summary>One of the same name is replaced.</summary>
public sealed record SetSecret(DeviceId Device, SealedSecret Secret) : IDeviceCommand;

public sealed record RemoveSecrets(DeviceId Device, ImmutableArray<string> Names) : IDeviceCommand;

/// <summary>The machine asks for its secrets, once in a boot; answered by a <see cref="SecretsGrant"/> or a refusal.</summary>
/// <param name="Address">Where it asks from.</param>
/// <param name="Server">Which server it asks.</param>
public sealed record ReleaseSecrets(DeviceId Device, BootId Boot, string Address, string Server) : IDeviceCommand;

public sealed record SecretsGrant(ImmutableArray<SealedSecret> Secrets) : Reply;

public sealed record SecretSet(SealedSecret Secret) : IDeviceEvent;

public sealed record SecretsRemoved(ImmutableArray<string> Names, DateTimeOffset At) : IDeviceEvent;

/// <summary>They were read in this boot, and are not a second time.</summary>
public sealed record SecretsReleased(BootId Boot, string Address, string Server, DateTimeOffset At) : IDeviceEvent;

/// <summary>What a machine keeps with the farm that is for it alone.</summary>
/// <param name="Sealed">In the order of their names.</param>
/// <param name="Released">When they were read last; null: never.</param>
public sealed record MachineSecrets(
    ImmutableArray<SealedSecret> Sealed,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SecretsReleased? Released = null
)
{
    public static MachineSecrets None { get; } = new([]);

    internal MachineSecrets? With(SealedSecret secret) =>
        this with
        {
            Sealed =
            [
                .. Sealed.Where(s => s.Name != secret.Name).Append(secret).OrderBy(s => s.Name, StringComparer.Ordinal),
            ],
        };

    internal MachineSecrets? Without(ImmutableArray<string> names) =>
        this with
        {
            Sealed = [.. Sealed.Where(s => !names.Contains(s.Name, StringComparer.Ordinal))],
        };
}

/// <summary>Who gets a device's secrets, and when.</summary>
internal static class SecretRules
{
    public static Decision<IDeviceEvent> Set(DeviceState state, SealedSecret secret) =>
        !secret.IsSound
            ? Decision<IDeviceEvent>.No(Refusal.Invalid, $"a secret has 1 to {SealedSecret.BytesMax} bytes and a name")
        : state.OwnSecrets.With(secret)!.Sealed.Length > SealedSecret.CountMax
            ? Decision<IDeviceEvent>.No(Refusal.Conflict, $"{state.Name} has {SealedSecret.CountMax} secrets already")
        : Decision<IDeviceEvent>.Of(new SecretSet(secret));

    public static Decision<IDeviceEvent> Remove(DeviceState state, RemoveSecrets c, DateTimeOffset now) =>
        state.OwnSecrets.Without(c.Names)!.Sealed.Length == state.OwnSecrets.Sealed.Length
            ? Decision<IDeviceEvent>.Nothing
            : Decision<IDeviceEvent>.Of(new SecretsRemoved(c.Names, now));

    public static Decision<IDeviceEvent> Release(DeviceState state, ReleaseSecrets c, DateTimeOffset now) =>
        state.OwnSecrets is not { Sealed.Length: > 0 } secrets
            ? Decision<IDeviceEvent>.No(Refusal.NotFound, $"{state.Name} has no secrets")
        : state.Boot is not { } boot || boot.Id != c.Boot || state.Phase == DevicePhase.Off
            ? Decision<IDeviceEvent>.No(Refusal.Stale, $"{state.Name}: this is not the boot that has its disk")
        : secrets.Released is { } before && before.Boot == c.Boot
            ? Decision<IDeviceEvent>.No(
                Refusal.Conflict,
                $"{state.Name}: they were read in this boot already, by {before.Address} at {before.Server}"
            )
        : Decision<IDeviceEvent>.Of(new SecretsReleased(c.Boot, c.Address, c.Server, now));
}
