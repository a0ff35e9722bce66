using Hatchery.Benchmarks;

return args switch
{
    ["disks", .. var rest] => await DiskBenchmarks.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project tests/Benchmarks -- disks [FOLDER]");
    return 2;
}
