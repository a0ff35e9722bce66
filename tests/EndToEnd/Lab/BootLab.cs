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

    /// <summary>The console on the serial line; a machine that cannot go on starts over, and one that gets little of a busy processor does not take its timer for broken.</summary>
    public const string KernelArguments = "console=ttyS0 quiet panic=5 no_timer_check";

    private readonly ITestOutputHelper _output;
    private readonly NetNamespace _inside;
    private readonly TempFolder _folder = new();
    private readonly List<VirtualMachine> _machines = [];
    private readonly List<NetNamespace> _others = [];
    private readonly Dictionary<int, Guid> _uuids = [];

    private BootLab(ITestOutputHelper output, NetNamespace inside, string more)
    {
        (_output, _inside) = (output, inside);
        var configuration = PathOf("lab.conf");
        File.WriteAllText(configuration, File.ReadAllText(Configuration) + more);
        Server = new(configuration, EnvironmentOf(ServerFolder), inside);
    }

    public static string Configuration => SourceTree.PathOf("deploy", "lab.conf");

    public NetNamespace Inside => _inside;

    public ServerProcess Server { get; }

    /// <summary>Where the server keeps its database, images and write caches.</summary>
    public string ServerFolder => _folder["server"];

    /// <summary>A lab whose server is ready and knows nothing yet.</summary>
    /// <param name="more">Settings of the server beside <see cref="Configuration"/>.</param>
    public static async Task<BootLab> StartAsync(ITestOutputHelper output, string more = "")
    {
        var lab = await WithoutServerAsync(output, more);
        try
        {
            await lab.Server.StartAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A lab whose server has the guest's vDisk.</summary>
    public static async Task<BootLab> StartWithGuestAsync(ITestOutputHelper output, string more = "")
    {
        var image = await GuestImage.GetAsync();
        var lab = await StartAsync(output, more);
        try
        {
            string[] boot = ["--kernel", image.Kernel, "--initrd", image.Initrd, "--arguments", KernelArguments];
            await lab.Server.PbmAsync(["vdisk", "import", VDisk, image.Qcow2Disk, .. boot]);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>The network, and a server that has not been started.</summary>
    public static async Task<BootLab> WithoutServerAsync(ITestOutputHelper output, string more = "")
    {
        await StaleNamespaces.SweepAsync();
        var lab = new BootLab(output, await NetNamespace.CreateAsync(), more);
        try
        {
            Directory.CreateDirectory(lab.ServerFolder);
            await lab._inside.AddBridgeAsync(Bridge);
            await lab._inside.IpAsync("addr", "add", $"{ServerAddress}/24", "dev", Bridge);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>A folder or file of this lab's own.</summary>
    public string PathOf(string name) => _folder[name];

    /// <summary>What <see cref="Configuration"/> asks for, for a server that keeps everything in a folder.</summary>
    public static Dictionary<string, string> EnvironmentOf(string folder) =>
        new(StringComparer.Ordinal) { ["HATCHERY_ADDRESS"] = ServerAddress, ["HATCHERY_FOLDER"] = folder };

    /// <summary>Another computer on the lab's network, with an interface eth0 that has no address.</summary>
    public async Task<NetNamespace> PlugInAsync()
    {
        var other = await NetNamespace.CreateAsync();
        _others.Add(other);
        var port = string.Create(CultureInfo.InvariantCulture, $"port{_others.Count}");
        await _inside.ConnectAsync(port, other, "eth0");
        await _inside.IpAsync("link", "set", port, "master", Bridge);
        return other;
    }

    /// <summary>The same with an address on the lab's network.</summary>
    public async Task<NetNamespace> PlugInAsync(string address)
    {
        var other = await PlugInAsync();
        await other.IpAsync("link", "set", "eth0", "up");
        await other.IpAsync("addr", "add", $"{address}/24", "dev", "eth0");
        return other;
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
    /// <param name="firmware">One of <see cref="Firmware"/>.</param>
    /// <param name="more">Arguments for QEMU.</param>
    public async Task<VirtualMachine> PowerOnAsync(
        int number,
        string test,
        bool restarts = false,
        string firmware = Firmware.Bios,
        params IEnumerable<string> more
    )
    {
        var tap = string.Create(CultureInfo.InvariantCulture, $"tap{number}");
        if (_uuids.TryAdd(number, Guid.NewGuid()))
            await _inside.AddTapAsync(tap, Bridge);
        var machine = VirtualMachine.PowerOn(_inside, tap, Mac(number), _uuids[number], test, restarts, firmware, more);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>What the farm says of machine <paramref name="number"/>.</summary>
    public async Task<DeviceShown> ShowAsync(int number)
    {
        var shown = await Server.PbmJsonAsync("device", "show", MachineName(number));
        return new(shown.GetProperty("bootCount").GetInt32(), shown.GetProperty("phase").GetString() ?? "");
    }

    /// <summary>The server's copy of an image: the one file of its size.</summary>
    public string StoredImage(string original)
    {
        var sizeBytes = new FileInfo(original).Length;
        return Assert.Single(
            Directory.GetFiles(ServerFolder, "*", SearchOption.AllDirectories),
            file => new FileInfo(file).Length == sizeBytes
        );
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var machine in _machines)
            {
                await machine.DisposeAsync();
                _output.WriteLine(machine.Console.Transcript());
            }
            await Server.DisposeAsync();
            _output.WriteLine(Server.Transcript());
        }
        finally
        {
            foreach (var other in _others)
                await other.DisposeAsync();
            await _inside.DisposeAsync();
            _folder.Dispose();
        }
    }
}

/// <param name="BootCount">How often the machine has booted, a continued session not counted.</param>
internal sealed record DeviceShown(int BootCount, string Phase);
