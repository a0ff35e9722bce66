using System.Threading.Channels;

namespace Hatchery.Mirroring.Tests;

/// <summary>What a streamer hears, one after the other.</summary>
internal sealed class Heard : IMemberEvents
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Channel<object> _all = Channel.CreateUnbounded<object>();

    public void Connected(string server) => _all.Writer.TryWrite($"connected to {server}");

    public void Disconnected(string server, string reason) => _all.Writer.TryWrite(reason);

    public void Received(string server, MirrorMessage message) => _all.Writer.TryWrite(message);

    public Task<MirrorMessage> NextMessageAsync() => NextAsync<MirrorMessage>(exact: false);

    public Task<T> NextAsync<T>() => NextAsync<T>(exact: true);

    private async Task<T> NextAsync<T>(bool exact)
    {
        var next = await _all.Reader.ReadAsync().AsTask().WaitAsync(s_patience);
        return exact ? Assert.IsType<T>(next) : Assert.IsAssignableFrom<T>(next);
    }
}
