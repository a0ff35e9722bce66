namespace Hatchery.Testing;

/// <summary>A folder for one test, gone with it.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hatchery-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        // Whoever still works by its name, as a database's task that outlives its actor system may, makes nothing new in it while it is deleted.
        var gone = Path + ".gone";
        Directory.Move(Path, gone);
        Directory.Delete(gone, recursive: true);
    }
}
