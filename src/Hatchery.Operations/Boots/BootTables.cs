using System.Globalization;
using System.Text.Json.Serialization;
using Hatchery.Boot;
using Hatchery.Boot.Dhcp;

namespace Hatchery.Operations;

/// <summary>An address as operators see it.</summary>
/// <param name="State">offered, bound, released, ended or set-aside.</param>
/// <param name="Until">Null: for ever.</param>
/// <param name="Note">Why it is set aside.</param>
internal sealed record LeaseRow(
    string Address,
    string Mac,
    string HostName,
    string State,
    DateTimeOffset? Until,
    string Note
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<LeaseRow>))]
[JsonSerializable(typeof(IReadOnlyList<BootCount>))]
internal sealed partial class BootJson : JsonSerializerContext;

/// <summary>What `pbm boot leases` and `pbm boot stats` print.</summary>
internal static class BootTables
{
    /// <summary>BOOTP clients keep an address longer than anybody waits.</summary>
    private static readonly TimeSpan s_forEver = TimeSpan.FromDays(3650);

    public static LeaseRow Of(Lease lease, DateTimeOffset now)
    {
        var isSetAside = lease.State is LeaseState.Declined or LeaseState.InUse;
        return new(
            lease.Address.ToString(),
            lease.Mac.ToString(),
            lease.HostName,
            lease.State == LeaseState.Released ? "released"
                : lease.ExpiresAt <= now ? "ended"
                : isSetAside ? "set-aside"
                : lease.State.ToString().ToLowerInvariant(),
            lease.ExpiresAt - now > s_forEver ? null : lease.ExpiresAt,
            lease.State switch
            {
                LeaseState.Declined => "the machine found that another uses it",
                LeaseState.InUse => "answered a ping before it was offered to the machine",
                _ => "",
            }
        );
    }

    public static string Of(IReadOnlyList<LeaseRow> leases) =>
        Table.Of(
            ["ADDRESS", "STATE", "UNTIL (UTC)", "MAC", "HOST", "NOTE"],
            leases.Select(l =>
                (IReadOnlyList<string>)
                    [l.Address, l.State, l.Until is { } at ? Clock.Text(at) : "for ever", l.Mac, l.HostName, l.Note]
            )
        );

    public static string Of(IReadOnlyList<BootCount> counts) =>
        Table.Of(
            ["COUNT", "WHAT", ""],
            counts.Select(c =>
                (IReadOnlyList<string>)[c.Count.ToString(CultureInfo.InvariantCulture), c.Name, c.Labels]
            )
        );
}
