using System.Net;
using Hatchery.Testing;
using Hatchery.Wire;

namespace EndToEnd;

/// <summary>Many machines of a farm, half of which boot by iSCSI and half by NBD.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly (string Collection, string Transport)[] s_collections = [("sans", "san"), ("nbds", "nbd")];

    /// <summary>1 MiB, as kernel and as initramfs.</summary>
    private const int FileBytes = 1 << 20;

    private Crowd(CrowdNetwork network, CrowdRelay relay, int machines)
    {
        Relay = relay;
        Machines = [.. Enumerable.Range(0, machines).Select(i => new CrowdMachine(network, relay, MacOf(i)))];
    }

    public CrowdRelay Relay { get; }

    public IReadOnlyList<CrowdMachine> Machines { get; }

    /// <summary>Adds a vDisk and so many devices to a farm with <see cref="CrowdNetwork.Configuration"/>, and waits until each server knows them.</summary>
    public static async Task<Crowd> AddAsync(FarmLab farm, int machines, TimeSpan limit)
    {
        await AddDevicesAsync(farm, machines, limit);
        var network = await CrowdNetwork.JoinAsync(farm);
        return new(
            network,
            new(network, farm.Servers.Keys.Select(s => IPAddress.Parse(FarmLab.AddressOf(s)))),
            machines
        );
    }

    /// <summary>Switches all on.</summary>
    public Task<CrowdBoot[]> BootAsync(CancellationToken cancellation) =>
        Task.WhenAll(Machines.Select(m => m.BootAsync(cancellation)));

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in Machines)
            await machine.DisposeAsync();
        await Relay.DisposeAsync();
    }

    private static async Task AddDevicesAsync(FarmLab farm, int machines, TimeSpan limit)
    {
        var (image, file) = (farm.Network.PathOf("crowd.raw"), farm.Network.PathOf("crowd-file"));
        await CrowdImage.WriteAsync(image);
        await File.WriteAllBytesAsync(file, new byte[FileBytes]);
        await farm.AddVDiskAsync(image, "--kernel", file, "--initrd", file);
        foreach (var (collection, transport) in s_collections)
            await farm.Servers["alpha"]
                .PbmAsync("collection", "create", collection, "--vdisk", FarmLab.VDisk, "--transport", transport);
        await using (var operators = farm.OperatorAt("alpha"))
        {
            var known = new HashSet<string>(StringComparer.Ordinal);
            // On a busy computer a command may go without an answer, done or not.
            await Eventually.TrueAsync(
                async () =>
                {
                    var missing = Enumerable.Range(0, machines).Where(i => !known.Contains(BootLab.MachineName(i)));
                    await Task.WhenAll(missing.Select(i => AddDeviceAsync(operators, i)));
                    var list = await farm.Servers["alpha"].PbmJsonAsync("device", "list");
                    known.UnionWith(list.EnumerateArray().Select(d => d.GetProperty("name").GetString()!));
                    return known.Count == machines;
                },
                limit
            );
        }
        foreach (var server in farm.Servers.Values)
            await Eventually.TrueAsync(
                async () => (await server.PbmJsonAsync("device", "list")).GetArrayLength() == machines,
                limit
            );
    }

    private static Task<bool> AddDeviceAsync(FarmOperator operators, int machine) =>
        operators.TryAsync(
            "device",
            "add",
            BootLab.MachineName(machine),
            MacOf(machine).ToString(),
            "--collection",
            s_collections[machine % s_collections.Length].Collection
        );

    private static MacAddress MacOf(int machine) => new(0x525400200000 + (ulong)machine);
}
