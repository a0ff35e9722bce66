using System.Text;
using Akka.Actor;

namespace Hatchery.Devices.Tests;

/// <summary>Golden files: what was ever written stays readable, and is written the same.</summary>
public sealed class FarmSerializerTests : IAsyncLifetime
{
    private static readonly string s_golden = Path.Combine(AppContext.BaseDirectory, "Serialization", "Golden");
    private readonly ActorSystem _system = ActorSystem.Create("golden");

    public static TheoryData<string> Manifests { get; } = [.. FarmSerializer.Manifests.Order(StringComparer.Ordinal)];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Golden_row_is_read_and_written_again_the_same(string manifest)
    {
        var golden = File.ReadAllText(Path.Combine(s_golden, manifest + ".json")).TrimEnd();
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
