"""The page's entry: `streamlit run app.py`. Processes that simulate run this file too, and must find nothing to do."""

if __name__ == "__main__":
    from hallplan.page.script import main

    main()
