namespace Hatchery.Testing;

/// <summary>Where the sources and what was built of them lie.</summary>
public static class SourceTree
{
    /// <summary>The folder of Cluster.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below <see cref="Root"/>.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>An executable of this build: <c>Executable("Hatchery.Server", "hatchery")</c>.</summary>
    /// <param name="folder">src or tests.</param>
    public static string Executable(string project, string name, string folder = "src")
    {
        // .../bin/Debug/net10.0/ of the tests has its twin at every other project.
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return PathOf(folder, project, "bin", here.Parent!.Name, here.Name, name);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Cluster.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("the tests run outside of the source tree");
        return folder.FullName;
    }
}
