using System.Net;
using Hatchery.Testing;
using Hatchery.Wire;

namespace EndToEnd;

/// <summary>Many machines of a farm, half of which boot by iSCSI and half by NBD.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private static readonly (string Collection, string Transport)[] s_collections = [("sans", "san"), ("nbds", "nbd")];

    private const int Operators = 8;

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
        await farm.Servers["alpha"]
            .PbmAllAsync(
                [
                    .. Enumerable
                        .Range(0, machines)
                        .Select(i =>
                            $"device add {BootLab.MachineName(i)} {MacOf(i)} --collection {s_collections[i % s_collections.Length].Collection}"
                        ),
                ],
                Operators,
                limit
            );
        foreach (var server in farm.Servers.Values)
            await Eventually.TrueAsync(
                async () => (await server.PbmJsonAsync("device", "list")).GetArrayLength() == machines,
                limit
            );
    }

    private static MacAddress MacOf(int machine) => new(0x525400200000 + (ulong)machine);
}
