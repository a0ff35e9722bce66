using System.Text;
using Akka.Actor;

namespace Hatchery.Devices.Tests;

/// <summary>Golden files: what was ever written stays readable, and is written the same.</summary>
public sealed class FarmSerializerTests : IAsyncLifetime
{
    private static readonly string s_golden = Path.Combine(AppContext.BaseDirectory, "Serialization", "Golden");
    private readonly ActorSystem _system = ActorSystem.Create("golden");

    /// <summary>MANIFEST.json, and MANIFEST.CASE.json for what was written otherwise.</summary>
    public static TheoryData<string> Rows { get; } =
    [.. Directory.GetFiles(s_golden).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Fact]
    public void Every_manifest_has_a_golden_row() =>
        Assert.All(FarmSerializer.Manifests, m => Assert.True(File.Exists(Path.Combine(s_golden, m + ".json")), m));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Golden_row_is_read_and_written_again_the_same(string row)
    {
        var manifest = row.Split('.')[0];
        var golden = File.ReadAllText(Path.Combine(s_golden, row)).TrimEnd();
        var serializer = new FarmSerializer((ExtendedActorSystem)_system);
        var read = serializer.FromBinary(Encoding.UTF8.GetBytes(golden), manifest);
        Assert.Equal(manifest, serializer.Manifest(read));
        Assert.Equal(golden, Encoding.UTF8.GetString(serializer.ToBinary(read)));
    }

    [Fact]
    public void Field_of_a_later_version_is_skipped()
    {
        var serializer = new FarmSerializer((ExtendedActorSystem)_system);
        var read = serializer.FromBinary(
            """{"at":"2026-01-01T00:00:00+00:00","later":{"x":[1]}}"""u8.ToArray(),
            "device-removed"
        );
        Assert.Equal(new DeviceRemoved(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), read);
    }

    [Fact]
    public void Unknown_manifest_says_so()
    {
        var serializer = new FarmSerializer((ExtendedActorSystem)_system);
        var error = Assert.ThrowsAny<Exception>(() => serializer.FromBinary([], "device-teleported"));
        Assert.Contains("device-teleported", error.Message, StringComparison.Ordinal);
    }
}
