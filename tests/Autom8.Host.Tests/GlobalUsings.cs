global using Autom8.Testing;
