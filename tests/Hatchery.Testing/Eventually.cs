namespace Hatchery.Testing;

/// <summary>Waits for what another thread or process brings about, for as long as a slow machine may need.</summary>
public static class Eventually
{
    public static Task TrueAsync(Func<bool> condition, TimeSpan? limit = null) =>
        TrueAsync(() => Task.FromResult(condition()), limit);

    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan? limit = null)
    {
        using var expiry = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            if (expiry.IsCancellationRequested)
                throw new TimeoutException("it did not become true");
            await Task.Delay(10, CancellationToken.None);
        }
    }
}
