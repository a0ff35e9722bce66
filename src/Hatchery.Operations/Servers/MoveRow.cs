using System.Globalization;
using Hatchery.Devices;

namespace Hatchery.Operations;

/// <summary>A device that is to go to another server.</summary>
internal sealed record MoveRow(string Device, string From, string To)
{
    public const string When = "while they run where write caches are mirrored, else at their next boot";

    public static IReadOnlyList<MoveRow> Of(IReadOnlyList<PlannedMove> moves) =>
        [.. moves.Select(m => new MoveRow(m.Device.Name, m.From, m.To))];

    public static string Describe(IReadOnlyList<MoveRow> moves) =>
        moves.Count == 0
            ? "the servers are as evenly loaded as they can be: no device has to go elsewhere"
            : Table.Of(["DEVICE", "FROM", "TO"], moves.Select(m => (IReadOnlyList<string>)[m.Device, m.From, m.To]))
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"\n\n{moves.Count} device(s) would go elsewhere, {When}"
                );
}
