using System.Net;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Devices;

/// <summary>What the boot services see of a machine that the farm does not know.</summary>
/// <param name="Architecture">Option 93.</param>
/// <param name="Address">Its IPv4 address.</param>
/// <param name="Relay">The DHCP relay agent that it was heard through (giaddr); null on a network of ours.</param>
public sealed record UnknownMachine(
    MacAddress Mac,
    ushort? Architecture = null,
    IPAddress? Address = null,
    IPAddress? Relay = null
);

/// <summary>Which machines a rule is for: all that is given has to hold; nothing given is every machine.</summary>
/// <param name="Subnet">Their address lies in it.</param>
/// <param name="Relay">Their relay agent's address lies in it.</param>
public sealed record MachineMatch(
    MacPattern? Mac = null,
    ClientArchitecture? Architecture = null,
    IPNetwork? Subnet = null,
    IPNetwork? Relay = null
)
{
    public bool Matches(UnknownMachine machine) =>
        Mac?.Matches(machine.Mac) != false
        && (Architecture is not { } wanted || (machine.Architecture is { } is_ && wanted.Matches(is_)))
        && (Subnet is not { } subnet || (machine.Address is { } address && subnet.Contains(address)))
        && (Relay is not { } relays || (machine.Relay is { } relay && relays.Contains(relay)));

    public override string ToString()
    {
        (string Word, string? Value)[] words =
        [
            ("mac", Mac?.ToString()),
            ("arch", Architecture?.ToString()),
            ("subnet", Subnet?.ToString()),
            ("relay", Relay?.ToString()),
        ];
        var given = words.Where(w => w.Value is not null).Select(w => $"{w.Word} {w.Value}").ToArray();
        return given.Length == 0 ? "any" : string.Join(", ", given);
    }
}

/// <summary>What becomes of unknown machines; of all rules the first that matches decides.</summary>
/// <param name="Collection">The collection that takes them in; null: they are refused.</param>
/// <param name="Reason">Why they are refused; the machine shows it.</param>
public sealed record UnknownRule(
    string Name,
    MachineMatch Match,
    CollectionId? Collection = null,
    string? Reason = null
);
