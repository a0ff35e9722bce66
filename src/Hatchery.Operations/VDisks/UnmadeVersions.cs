using Hatchery.Devices;

namespace Hatchery.Operations;

/// <summary>Versions that have no layer yet: one that a machine writes, or that a server makes.</summary>
internal static class UnmadeVersions
{
    /// <param name="madePercent">How far the server is that makes one.</param>
    public static IEnumerable<VersionRow> Of(VDiskState vDisk, FarmSnapshot farm, int madePercent)
    {
        var making = vDisk.Making is { } m && vDisk.Version(m.Number) is null ? m : null;
        if (vDisk.Open is not { } open)
        {
            if (making is not null)
                yield return Row(
                    making.Number,
                    making.Below,
                    making.At,
                    making.By,
                    making.Note,
                    null,
                    BeingMade(making)
                );
            yield break;
        }
        var writer = open.Lock is { } held ? farm.Device(held.Device)?.Name ?? $"{held.Device}" : null;
        yield return Row(
            open.Number,
            open.Parent,
            open.At,
            open.By,
            open.Note,
            writer,
            making is not null ? BeingMade(making)
                : writer is not null ? $"written by {writer}"
                : "to be written"
        );

        VersionRow Row(
            int number,
            int? parent,
            DateTimeOffset at,
            string? by,
            string? note,
            string? writtenBy,
            string next
        )
        {
            var top = vDisk.Version(making?.Top ?? parent ?? 0);
            return new(
                number,
                "-",
                top?.SizeBytes ?? 0,
                "-",
                top?.HasKernel == true,
                top?.KernelArguments,
                at,
                Access: nameof(VersionAccess.Maintenance).ToLowerInvariant(),
                Parent: parent,
                AddedBy: by,
                Note: note,
                WrittenBy: writtenBy,
                BecomesNext: next
            );
        }

        string BeingMade(VersionMaking making) =>
            $"being made{(making.Server is { } server ? $" at {server}" : "")}{(madePercent > 0 ? $", {madePercent} %" : "")}, then {making.Access.ToString().ToLowerInvariant()}";
    }
}
