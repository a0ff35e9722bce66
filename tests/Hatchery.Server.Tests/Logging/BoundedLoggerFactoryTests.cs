using Hatchery.Testing;
using Microsoft.Extensions.Logging;

namespace Hatchery.Server.Tests;

public sealed class BoundedLoggerFactoryTests
{
    private readonly LogLines _lines = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void Flood_of_one_message_is_cut_off_and_counted_and_hides_no_other()
    {
        using var factory = LoggerFactory.Create(log => log.AddProvider(_lines));
        using var bounded = new BoundedLoggerFactory(factory, _time);
        var log = bounded.CreateLogger("boot");
        for (var i = 0; i < 10_000; i++)
            log.Log(LogLevel.Warning, new EventId(7), "a stranger asks", null, (text, _) => text);
        Assert.Equal(BoundedLoggerFactory.MessagesMax, _lines.All.Count);
        log.Log(LogLevel.Error, new EventId(8), "a disk fails", null, (text, _) => text);
        log.Log(LogLevel.Critical, new EventId(7), "a cache is lost", null, (text, _) => text);
        Assert.Equal(["a disk fails", "a cache is lost"], _lines.All.TakeLast(2));

        _time.Advance(TimeSpan.FromSeconds(11));
        log.Log(LogLevel.Warning, new EventId(7), "a stranger asks", null, (text, _) => text);
        Assert.Equal("a stranger asks", _lines.All[^1]);
        Assert.Contains("9800", _lines.All[^2], StringComparison.Ordinal);
    }
}
