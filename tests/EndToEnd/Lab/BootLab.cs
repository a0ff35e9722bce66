using System.Globalization;
using Hatchery.Testing;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// A network of its own with a bridge, one Hatchery server and virtual machines, all gone with it. What servers and machines said
/// becomes the test's output.
/// </summary>
internal sealed class BootLab : IAsyncDisposable
{
    /// <summary>The server's address; deploy/lab.conf says the rest of the network.</summary>
    public const string ServerAddress = "10.77.0.1";

    public const string VDisk = "guest";

    private const string Bridge = "br0";

    private readonly ITestOutputHelper _output;
    private readonly NetNamespace _inside;
    private readonly TempFolder _folder = new();
    private readonly List<VirtualMachine> _machines = [];
    private readonly Dictionary<int, Guid> _uuids = [];

    private BootLab(ITestOutputHelper output, NetNamespace inside, GuestImage image)
    {
        (_output, _inside, Image) = (output, inside, image);
        Server = new(
            SourceTree.PathOf("deploy", "lab.conf"),
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["HATCHERY_ADDRESS"] = ServerAddress,
                ["HATCHERY_FOLDER"] = ServerFolder,
            },
            inside
        );
    }

    public GuestImage Image { get; }

    public ServerProcess Server { get; }

    /// <summary>Where the server keeps its database, images and write caches.</summary>
    public string ServerFolder => _folder["server"];

    /// <summary>A lab whose server is ready and has the guest's vDisk.</summary>
    public static async Task<BootLab> StartAsync(ITestOutputHelper output)
    {
        await StaleNamespaces.SweepAsync();
        var image = await GuestImage.GetAsync();
        var inside = await NetNamespace.CreateAsync();
        var lab = new BootLab(output, inside, image);
        try
        {
            Directory.CreateDirectory(lab.ServerFolder);
            await inside.AddBridgeAsync(Bridge);
            await inside.IpAsync("addr", "add", $"{ServerAddress}/24", "dev", Bridge);
            await lab.Server.StartAsync();
            await lab.Server.PbmAsync(
                "vdisk",
                "import",
                VDisk,
                image.Qcow2Disk,
                "--kernel",
                image.Kernel,
                "--initrd",
                image.Initrd
            );
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public static string MachineName(int number) => $"machine-{number.ToString(CultureInfo.InvariantCulture)}";

    public static string Mac(int number) => string.Create(CultureInfo.InvariantCulture, $"52:54:00:77:00:{number:x2}");

    /// <summary>Makes the farm know machine <paramref name="number"/> and what it boots.</summary>
    /// <param name="transport">san, iscsi or nbd.</param>
    public async Task AddDeviceAsync(int number, string transport)
    {
        await Server.PbmAsync("device", "add", MachineName(number), Mac(number));
        await Server.PbmAsync("device", "assign", MachineName(number), VDisk, "--transport", transport);
    }

    /// <summary>Switches machine <paramref name="number"/> on.</summary>
    /// <param name="test">What the guest is to do: see deploy/image/root/sbin/hatchery-guest.</param>
    /// <param name="restarts">A reboot starts it again; otherwise a reboot ends it.</param>
    public async Task<VirtualMachine> PowerOnAsync(int number, string test, bool restarts = false)
    {
        var tap = string.Create(CultureInfo.InvariantCulture, $"tap{number}");
        if (_uuids.TryAdd(number, Guid.NewGuid()))
            await _inside.AddTapAsync(tap, Bridge);
        var machine = VirtualMachine.PowerOn(_inside, tap, Mac(number), _uuids[number], test, restarts);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>What the farm says of machine <paramref name="number"/>.</summary>
    public async Task<DeviceShown> ShowAsync(int number)
    {
        var shown = await Server.PbmJsonAsync("device", "show", MachineName(number));
        return new(shown.GetProperty("bootCount").GetInt32(), shown.GetProperty("phase").GetString() ?? "");
    }

    /// <summary>The server's copy of the vDisk's image: the one file of its size.</summary>
    public string StoredImage()
    {
        var sizeBytes = new FileInfo(Image.RawDisk).Length;
        return Assert.Single(
            Directory.GetFiles(ServerFolder, "*", SearchOption.AllDirectories),
            file => new FileInfo(file).Length == sizeBytes
        );
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in _machines)
        {
            await machine.DisposeAsync();
            _output.WriteLine(machine.Console.Transcript());
        }
        await Server.DisposeAsync();
        _output.WriteLine(Server.Transcript());
        await _inside.DisposeAsync();
        _folder.Dispose();
    }
}

/// <param name="BootCount">How often the machine has booted, a continued session not counted.</param>
internal sealed record DeviceShown(int BootCount, string Phase);
