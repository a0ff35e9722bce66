using Hatchery.Disks;
using Hatchery.Testing;
using Hatchery.Wire;
using Xunit.Abstractions;

namespace Hatchery.Devices.Tests;

public sealed class DeviceIndexTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whatever_happens_to_devices_the_index_finds_what_a_search_finds()
    {
        var random = Seed.New(output, 1);
        CollectionId[] collections =
        [
            default,
            new(new Guid(1, 0, 0, new byte[8])),
            new(new Guid(2, 0, 0, new byte[8])),
        ];
        for (var round = 0; round < 50; round++)
        {
            var view = new FarmView();
            var sequences = new Dictionary<int, long>();
            for (var step = 0; step < 60; step++)
            {
                var number = random.Next(8);
                var persistenceId = PersistenceIds.Of(new DeviceId(new Guid(number, 0, 0, new byte[8])));
                IDeviceEvent happened = random.Next(4) switch
                {
                    0 => new DeviceRemoved(s_now),
                    1 => new DeviceMoved(collections[random.Next(3)], s_now),
                    2 => new PhaseChanged(DevicePhase.Running, s_now),
                    _ => new DeviceAdded(
                        $"pc-{number}",
                        [new((ulong)(number * 4) + 1), new((ulong)((number * 4) + 1 + random.Next(1, 3)))],
                        null,
                        s_now,
                        collections[random.Next(3)]
                    ),
                };
                view.Apply(persistenceId, sequences[number] = sequences.GetValueOrDefault(number) + 1, happened);
                Agrees(view.Current);
            }
            Agrees(FarmSnapshot.From(view.Current.ToCheckpoint()));
        }

        void Agrees(FarmSnapshot farm)
        {
            var devices = farm.Devices.ToArray();
            for (var number = 0; number < 8; number++)
            {
                var name = $"pc-{number}";
                Assert.Equal(devices.FirstOrDefault(d => d.Name == name)?.Id, farm.Device(name)?.Id);
                Assert.Equal(devices.Any(d => d.Name == name), farm.IsDeviceName(name));
            }
            for (var mac = 0UL; mac < 40; mac++)
                Assert.Equal(
                    devices.FirstOrDefault(d => d.Macs.Contains(new MacAddress(mac)))?.Id,
                    farm.Device(new MacAddress(mac))?.Id
                );
            foreach (var collection in collections)
                Assert.Equal(devices.Count(d => d.Collection == collection), farm.DeviceCount(collection));
        }
    }
}
